// What changed in chats since positions that clients have: one statement for any number of chats and clients.
import {
  maxChangedBytes,
  maxChanges,
  type ChatChanges,
  type MessageInfo,
  type Position,
} from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import { messageColumns, messageJoins, toMessageInfo, type MessageRow } from "./messages.store.ts";

export interface AskedPosition extends Position {
  /** Positions of one request share an answer and its limits. */
  request: number;
  userId: string;
}

/** What became of a chat since a position; `deferred` does not fit into the answer. */
export type Gap = ChatChanges | { outcome: "deferred"; chat_id: string };

/** How much one answer holds, well below what may wait for a socket. A single chat's changes always fit. */
const maxAnswerBytes = 200 * 1024;

/** The bytes of a message as JSON: what people choose, as it is escaped, and all else, which is nearly always as long. */
const jsonBytes = `440 + octet_length(to_json(text)::text) + 39 * coalesce(cardinality(mentions), 0)
      + coalesce(octet_length(to_json(idempotency_key)::text), 4)
      + (select octet_length(to_json(name)::text) + octet_length(to_json(email)::text) from users where id = sender_id)`;

/**
 * What a client at `at` lacks: a range of the key, and what was edited or deleted before it. Both are looked up by
 * index; as many rows as are sent in no case are not read.
 */
const lacking = (columns: string, condition: string) => `
    (select ${columns} from messages
    where ${condition} and chat_id = at.chat_id and seq > at.seq and seq <= at.last_seq)
    union all
    (select ${columns} from messages
    where ${condition} and chat_id = at.chat_id and version > at.version and seq <= at.seq
      and (edited_at is not null or deleted_at is not null)
    order by version limit ${maxChanges + 1})`;

// The changes of a chat are weighed before they are read, so that what is not sent is not read either. Nothing in them
// depends on who reads them: of all members who ask from the same position, the first is the source for the others.
const statement = `/* catch_up */
with known as materialized (
  select i.*, c.last_seq, c.version as last_version, c.info_version,
    c.last_seq - i.seq not between 0 and ${maxChanges} or i.version > c.version as is_lost,
    c.last_seq > i.seq or c.version > i.version as is_behind
  from unnest($1::int[], $2::uuid[], $3::uuid[], $4::int[], $5::int[])
    with ordinality as i(request, user_id, chat_id, seq, version, ord)
  left join lateral (
    select true as found from members where chat_id = i.chat_id and user_id = i.user_id limit 1
  ) p on true
  left join lateral (
    select last_seq, version, info_version from chats where p.found and id = i.chat_id limit 1
  ) c on true
), first as materialized (
  select *, min(ord) filter (where is_behind and not is_lost) over (partition by chat_id, seq, version) as weigher
  from known
), weighed as materialized (
  select at.*, max(w.count) over gap as count, max(w.bytes) over gap as bytes
  from first at cross join lateral (
    select count(*)::int as count, coalesce(sum(bytes), 0)::int as bytes
    from (${lacking(`${jsonBytes} as bytes`, "at.ord = at.weigher")}) lacking
  ) w
  window gap as (partition by chat_id, seq, version)
), judged as materialized (
  select *, is_lost or count > ${maxChanges} or bytes > ${maxChangedBytes} as is_too_much from weighed
), decided as materialized (
  select *, count > 0 as has_messages, case
    when last_seq is null then 'gone'
    when is_too_much then 'resync'
    when count > 0 and sum(bytes) filter (where not is_too_much) over answer > ${maxAnswerBytes} then 'deferred'
    else 'changes' end as outcome
  from judged
  window answer as (partition by request order by ord)
), shared as materialized (
  select *, min(ord) filter (where outcome = 'changes' and has_messages) over gap as source
  from decided window gap as (partition by chat_id, seq, version)
)
select at.ord::int, at.source::int, at.outcome, at.last_seq, at.last_version,
  at.info_version > at.version as is_info_changed, ${messageColumns}
from shared at
left join lateral (${lacking("*", "at.ord = at.source")}) m on true
${messageJoins}
order by at.ord, m.version`;

type GapRow = (MessageRow | { seq: null }) & {
  ord: number;
  /** The place of the position whose rows have the messages of this one. */
  source: number | null;
  outcome: Gap["outcome"];
  last_seq: number;
  last_version: number;
  is_info_changed: boolean;
};

/** The gaps of these positions, in their order. */
export async function readGaps(queries: Queries, asked: readonly AskedPosition[]): Promise<Gap[]> {
  const rows = await queries.query<GapRow>(statement, [
    asked.map((position) => position.request),
    asked.map((position) => position.userId),
    asked.map((position) => position.chat_id),
    asked.map((position) => position.seq),
    asked.map((position) => position.version),
  ]);
  const byPosition = Map.groupBy(rows, (row) => row.ord);
  const read = new Map<number, MessageInfo[]>();
  function messagesOf(source: number): MessageInfo[] {
    const known = read.get(source);
    if (known) return known;
    const messages = (byPosition.get(source) ?? []).filter((row) => row.seq !== null).map(toMessageInfo);
    read.set(source, messages);
    return messages;
  }
  return asked.map(({ chat_id }, place) => toGap(chat_id, byPosition.get(place + 1)?.[0], messagesOf));
}

function toGap(chat_id: string, row: GapRow | undefined, messagesOf: (source: number) => MessageInfo[]): Gap {
  if (!row) return { outcome: "gone", chat_id };
  const { outcome, source } = row;
  if (outcome === "gone" || outcome === "deferred") return { outcome, chat_id };
  const position: Position = { chat_id, seq: row.last_seq, version: row.last_version };
  if (outcome === "resync") return { outcome, ...position };
  const messages = source === null ? [] : messagesOf(source);
  return { outcome, ...position, messages, is_info_changed: row.is_info_changed };
}
