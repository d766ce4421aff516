// What changed in chats since positions that clients have: each question is one statement for any number of them.
import { maxChangedBytes, maxChanges, type MessageInfo, type Position } from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import { messageColumns, messageJoins, toMessageInfo, type MessageRow } from "./messages.store.ts";

/** Where a chat is, beside where somebody has it. */
export interface Place {
  seq: number;
  version: number;
  infoVersion: number;
}

/** What a client at this position lacks of a chat that is at `lastSeq`. */
export interface Gap extends Position {
  lastSeq: number;
  lastVersion: number;
}

export interface Weight {
  bytes: number;
  isTooMuch: boolean;
}

const places = `/* catch_up_places */
select i.ord::int, c.last_seq as seq, c.version, c.info_version
from unnest($1::uuid[], $2::uuid[]) with ordinality as i(user_id, chat_id, ord)
cross join lateral (
  select true as found from members where chat_id = i.chat_id and user_id = i.user_id limit 1
) p
cross join lateral (
  select last_seq, version, info_version from chats where p.found and id = i.chat_id limit 1
) c`;

/** In the order of what is asked; undefined where the chat is not there for this user. */
export async function readPlaces(
  queries: Queries,
  asked: readonly { userId: string; chat_id: string }[],
): Promise<(Place | undefined)[]> {
  const rows = await queries.query<{ ord: number; seq: number; version: number; info_version: number }>(
    places,
    [asked.map(({ userId }) => userId), asked.map(({ chat_id }) => chat_id)],
  );
  const found: (Place | undefined)[] = Array.from({ length: asked.length });
  for (const { ord, seq, version, info_version } of rows)
    found[ord - 1] = { seq, version, infoVersion: info_version };
  return found;
}

/** The bytes of a message as JSON: what people choose, as it is escaped, and all else, which is nearly always as long. */
const jsonBytes = `440 + octet_length(to_json(text)::text) + 39 * coalesce(cardinality(mentions), 0)
      + coalesce(octet_length(to_json(idempotency_key)::text), 4)
      + (select octet_length(to_json(name)::text) + octet_length(to_json(email)::text) from users where id = sender_id)`;

/**
 * What lacks at `at`: a range of the key, and what was edited or deleted before it. Both are looked up by index; as many
 * rows as are sent in no case are not read.
 */
const lacking = (columns: string, lastSeq = "at.last_seq") => `
    (select ${columns} from messages
    where chat_id = at.chat_id and seq > at.seq and seq <= ${lastSeq})
    union all
    (select ${columns} from messages
    where chat_id = at.chat_id and version > at.version and seq <= at.seq
      and (edited_at is not null or deleted_at is not null)
    order by version limit ${maxChanges + 1})`;

const gaps = `unnest($1::uuid[], $2::int[], $3::int[], $4::int[])
  with ordinality as at(chat_id, seq, version, last_seq, ord)`;

const parametersOf = (asked: readonly Gap[]) => [
  asked.map((gap) => gap.chat_id),
  asked.map((gap) => gap.seq),
  asked.map((gap) => gap.version),
  asked.map((gap) => gap.lastSeq),
];

const weights = `/* catch_up_weights */
select w.count, w.bytes
from ${gaps}
cross join lateral (
  select count(*)::int as count, coalesce(sum(bytes), 0)::int as bytes from (${lacking(`${jsonBytes} as bytes`)}) lacking
) w
order by at.ord`;

/** How much each would be to send, so that what is not sent is not read. */
export async function weighGaps(queries: Queries, asked: readonly Gap[]): Promise<Weight[]> {
  const rows = await queries.query<{ count: number; bytes: number }>(weights, parametersOf(asked));
  return rows.map(({ count, bytes }) => ({
    bytes,
    isTooMuch: count > maxChanges || bytes > maxChangedBytes,
  }));
}

// Where the chat is now, and what lacks up to there: of one moment.
const contents = `/* catch_up */
select at.ord::int, c.last_seq, c.version as last_version, c.info_version, ${messageColumns}
from ${gaps}
cross join lateral (
  select last_seq, version, info_version from chats where id = at.chat_id limit 1
) c
left join lateral (${lacking("*", "c.last_seq")}) m on true
${messageJoins}
order by at.ord, m.version`;

type ContentRow = (MessageRow | { seq: null }) & {
  ord: number;
  last_seq: number;
  last_version: number;
  info_version: number;
};

/** The messages that lack, in the order of version, and where the chat is with them. */
export interface Content {
  place: Place;
  messages: readonly MessageInfo[];
}

/** Undefined for a chat that is gone meanwhile. */
export async function readGaps(queries: Queries, asked: readonly Gap[]): Promise<(Content | undefined)[]> {
  const rows = await queries.query<ContentRow>(contents, parametersOf(asked));
  const byGap = Map.groupBy(rows, (row) => row.ord);
  return asked.map((_, index) => {
    const own = byGap.get(index + 1);
    const [first] = own ?? [];
    if (!own || !first) return undefined;
    const { last_seq: seq, last_version: version, info_version: infoVersion } = first;
    const messages = own.filter((row) => row.seq !== null).map(toMessageInfo);
    return { place: { seq, version, infoVersion }, messages };
  });
}
