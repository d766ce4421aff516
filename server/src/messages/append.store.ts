// The append: one statement that stores a batch of messages at the ends of their chats' logs.
import type { Queries } from "../database/database.ts";

export interface NewRow {
  chatId: string;
  senderId: string;
  /** The message's id, chosen before it is stored. */
  id: string;
  text: string;
  idempotencyKey: string | null;
}

export type Appended =
  | { outcome: "stored"; seq: number; version: number; createdAtMs: number }
  /** A message with this key of this sender is in the chat already, at `seq`. */
  | { outcome: "duplicate"; seq: number }
  | { outcome: "not_a_member" }
  /** People came or went while the statement waited for the chat: ask again. */
  | { outcome: "retry" };

interface ResultRow {
  id: string;
  seq: number | null;
  version: number | null;
  created_at: number | null;
}

// - The lateral look-ups keep to the indexes, whatever the planner believes about the size of the input.
// - `locked` takes the chats' rows in the order of their ids, so that two nodes never wait for each other; `seen` is
//   the membership's version in the statement's snapshot, and where it differs, membership was checked too early.
// - Duplicates are left out before the counter moves, so that seq stays dense.
const statement = `
with input as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
    with ordinality as i(chat_id, sender_id, id, body, key, ord)
), checked as materialized (
  select i.*, m.found is not null as is_member, d.seq as stored_seq
  from input i
  left join lateral (
    select true as found from members where chat_id = i.chat_id and user_id = i.sender_id limit 1
  ) m on true
  left join lateral (
    select seq from messages
    where chat_id = i.chat_id and sender_id = i.sender_id and idempotency_key = i.key limit 1
  ) d on true
), counted as materialized (
  select chat_id, count(*)::int as added from checked
  where is_member and stored_seq is null group by chat_id order by chat_id
), locked as materialized (
  select n.chat_id, n.added from counted n
  cross join lateral (select members_version from chats where id = n.chat_id offset 0) seen
  cross join lateral (select members_version from chats where id = n.chat_id for update) now
  where seen.members_version = now.members_version
), bumped as (
  update chats c
  set last_seq = c.last_seq + l.added, version = c.version + l.added,
    last_activity_at = greatest(c.last_activity_at, clock_timestamp())
  from locked l where c.id = l.chat_id
  returning c.id as chat_id, c.last_seq - l.added as seq, c.version - l.added as version, c.last_activity_at as at
), stored as (
  insert into messages (chat_id, seq, id, sender_id, text, idempotency_key, version, created_at)
  select f.chat_id, b.seq + f.place, f.id, f.sender_id, f.body, f.key, b.version + f.place, b.at
  from (
    select *, (row_number() over (partition by chat_id order by ord))::int as place
    from checked where is_member and stored_seq is null
  ) f join bumped b on b.chat_id = f.chat_id
  returning id, seq, version, created_at
)
select id, seq, version, (extract(epoch from created_at) * 1000)::float8 as created_at from stored
union all
select id, stored_seq, null, null from checked where not is_member or stored_seq is not null`;

/** Stores the rows, or says of each why not; the answers are in the order of the rows. */
export async function appendRows(queries: Queries, rows: readonly NewRow[]): Promise<Appended[]> {
  const results = await queries.query<ResultRow>(statement, [
    rows.map((row) => row.chatId),
    rows.map((row) => row.senderId),
    rows.map((row) => row.id),
    rows.map((row) => row.text),
    rows.map((row) => row.idempotencyKey),
  ]);
  const byId = new Map(results.map((result) => [result.id, result]));
  return rows.map((row) => toOutcome(byId.get(row.id)));
}

function toOutcome(row: ResultRow | undefined): Appended {
  if (!row) return { outcome: "retry" };
  if (row.seq === null) return { outcome: "not_a_member" };
  if (row.version === null || row.created_at === null) return { outcome: "duplicate", seq: row.seq };
  return { outcome: "stored", seq: row.seq, version: row.version, createdAtMs: row.created_at };
}
