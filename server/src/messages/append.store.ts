// The append: one statement that stores a batch of messages at the ends of their chats' logs, and a shorter one, which takes
// half the time, that stores a message that is alone.
import type { Queries } from "../database/database.ts";

export interface NewRow {
  chatId: string;
  senderId: string;
  /** The message's id, chosen before it is stored. */
  id: string;
  text: string;
  idempotencyKey: string | null;
  /** Ids of the people whom the text names, each once, without the sender. */
  mentions: readonly string[];
}

export type Appended =
  /** `mentions` are those of the people named who are members. */
  | { outcome: "stored"; seq: number; version: number; createdAtMs: number; mentions: string[] }
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
  mentions: string[] | null;
}

// - The lateral look-ups keep to the indexes, whatever the planner believes about the size of the input.
// - `bumped` takes the chats' rows in the order of their ids, so that two nodes never wait for each other. Whoever
//   waited for a row looks at it anew: where its membership's version is no more what the statement's snapshot has
//   `seen`, membership was checked too early.
// - Duplicates are left out before the counter moves, so that seq stays dense.
// - A chat's rows travel as arrays through its lock and its counter to the insert: a join of rows and counters is
//   planned for one row each, as nested loops, which cost the square of a batch.
// - Mentions come apart from the rows, and are nothing in most batches.
const appendBatch = `/* append */
with checked as materialized (
  select i.*, m.found is not null as is_member, d.seq as stored_seq
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
    with ordinality as i(chat_id, sender_id, id, body, key, ord)
  left join lateral (
    select true as found from members where chat_id = i.chat_id and user_id = i.sender_id limit 1
  ) m on true
  left join lateral (
    select seq from messages
    where chat_id = i.chat_id and sender_id = i.sender_id and idempotency_key = i.key limit 1
  ) d on true
), named as materialized (
  select id, array_agg(user_id order by place) as mentions
  from unnest($6::uuid[], $7::uuid[], $8::uuid[]) with ordinality as i(id, chat_id, user_id, place)
  where (select true from members where chat_id = i.chat_id and user_id = i.user_id limit 1)
  group by id
), grouped as materialized (
  select chat_id, count(*)::int as added,
    array_agg(id) as ids, array_agg(sender_id) as senders, array_agg(body) as bodies, array_agg(key) as keys
  from (select * from checked where is_member and stored_seq is null order by chat_id, ord) fresh
  group by chat_id order by chat_id
), seen as materialized (
  select g.*, c.members_version from grouped g
  cross join lateral (select members_version from chats where id = g.chat_id limit 1) c
), bumped as (
  update chats c
  set last_seq = c.last_seq + l.added, version = c.version + l.added,
    last_activity_at = greatest(c.last_activity_at, clock_timestamp())
  from seen l where c.id = l.chat_id and c.members_version = l.members_version
  returning l.*, c.last_seq - l.added as seq, c.version - l.added as version, c.last_activity_at as at
), stored as (
  insert into messages (chat_id, seq, id, sender_id, text, idempotency_key, version, created_at, mentions)
  select chat_id, seq + place, id, sender_id, body, key, version + place, at,
    (select mentions from named where named.id = fresh.id)
  from (
    select chat_id, seq, version, at, generate_subscripts(ids, 1) as place,
      unnest(ids) as id, unnest(senders) as sender_id, unnest(bodies) as body, unnest(keys) as key
    from bumped
  ) fresh
  returning chat_id, id, seq, version, created_at, mentions
), mentioned as (
  insert into mentions (chat_id, user_id, seq) select chat_id, unnest(mentions), seq from stored
)
select id, seq, version, (extract(epoch from created_at) * 1000)::float8 as created_at, mentions from stored
union all
select id, case when is_member then stored_seq end, null, null, null from checked
where not is_member or stored_seq is not null`;

// What is checked is of the statement's snapshot, and the chat's row of the moment when its lock was there: the same rules.
// Where anything stands in the way nothing is stored, and the statement for a batch finds out what.
const appendOne = `/* append_one */
with bumped as (
  update chats c
  set last_seq = c.last_seq + 1, version = c.version + 1,
    last_activity_at = greatest(c.last_activity_at, clock_timestamp())
  where c.id = $1 and c.members_version = (select members_version from chats where id = $1)
    and exists (select from members where chat_id = $1 and user_id = $2)
    and not exists (select from messages where chat_id = $1 and sender_id = $2 and idempotency_key = $5)
  returning c.last_seq as seq, c.version, c.last_activity_at as at
)
insert into messages (chat_id, seq, id, sender_id, text, idempotency_key, version, created_at)
select $1, seq, $3, $2, $4, $5, version, at from bumped
returning id, seq, version, (extract(epoch from created_at) * 1000)::float8 as created_at, mentions`;

/** Stores the rows, or says of each why not; the answers are in the order of the rows. */
export async function appendRows(queries: Queries, rows: readonly NewRow[]): Promise<Appended[]> {
  const stored = await storeOne(queries, rows);
  const results = stored.length > 0 ? stored : await storeBatch(queries, rows);
  const byId = new Map(results.map((result) => [result.id, result]));
  return rows.map((row) => toOutcome(byId.get(row.id)));
}

/** Nothing is answered where the rows are not a single one that mentions nobody, or where it cannot be stored. */
async function storeOne(queries: Queries, rows: readonly NewRow[]): Promise<ResultRow[]> {
  const [row] = rows;
  if (!row || rows.length > 1 || row.mentions.length > 0) return [];
  const { chatId, senderId, id, text, idempotencyKey } = row;
  return queries.query<ResultRow>(appendOne, [chatId, senderId, id, text, idempotencyKey]);
}

function storeBatch(queries: Queries, rows: readonly NewRow[]): Promise<ResultRow[]> {
  const named = rows.flatMap(({ id, chatId, mentions }) =>
    mentions.map((userId) => ({ id, chatId, userId })),
  );
  return queries.query<ResultRow>(appendBatch, [
    toArray(rows.map((row) => row.chatId)),
    toArray(rows.map((row) => row.senderId)),
    toArray(rows.map((row) => row.id)),
    rows.map((row) => row.text),
    rows.map((row) => row.idempotencyKey),
    toArray(named.map((one) => one.id)),
    toArray(named.map((one) => one.chatId)),
    toArray(named.map((one) => one.userId)),
  ]);
}

/** As PostgreSQL writes an array. Ids need no quotes, and the driver would look for characters to escape in each. */
const toArray = (ids: readonly string[]) => `{${ids.join(",")}}`;

function toOutcome(row: ResultRow | undefined): Appended {
  if (!row) return { outcome: "retry" };
  if (row.seq === null) return { outcome: "not_a_member" };
  const { seq, version, created_at, mentions } = row;
  if (version === null || created_at === null) return { outcome: "duplicate", seq };
  return { outcome: "stored", seq, version, createdAtMs: created_at, mentions: mentions ?? [] };
}
