// Reading the log: pages by key, one message by key, each with who first read it.
import type { MessageInfo } from "@windi/protocol";
import type { Queries } from "../database/database.ts";

/** A message as `messageColumns` select it. */
export interface MessageRow {
  chat_id: string;
  seq: number;
  version: number;
  id: string;
  text: string;
  idempotency_key: string | null;
  created_at: number;
  edited_at: number | null;
  deleted_at: number | null;
  mentions: string[] | null;
  sender_id: string;
  sender_name: string;
  sender_email: string;
  read_at: number | null;
}

export interface Range {
  /** `first`: from `seq` on. `last`: up to `seq`. `around`: with `seq` in the middle. */
  kind: "first" | "last" | "around";
  seq: number;
  limit: number;
}

const milliseconds = (moment: string) => `(extract(epoch from ${moment}) * 1000)::float8`;

/** What `toMessageInfo` needs of `m`, a row of messages, joined with `messageJoins`. */
export const messageColumns = `
  m.chat_id, m.seq, m.version, m.id, m.text, m.idempotency_key, m.mentions,
  ${milliseconds("m.created_at")} as created_at,
  ${milliseconds("m.edited_at")} as edited_at,
  ${milliseconds("m.deleted_at")} as deleted_at,
  m.sender_id, sender.name as sender_name, sender.email as sender_email,
  ${milliseconds("case when first.user_id = m.sender_id then second.read_at else first.read_at end")} as read_at`;

/**
 * The first mark at or beyond a message says who read it first; where that was its own sender, the mark of rank 2 is
 * the first other reader.
 */
export const messageJoins = `
left join users sender on sender.id = m.sender_id
left join lateral (
  select user_id, read_at from read_marks
  where chat_id = m.chat_id and rank = 1 and seq >= m.seq order by seq limit 1
) first on true
left join lateral (
  select read_at from read_marks
  where first.user_id = m.sender_id and chat_id = m.chat_id and rank = 2 and seq >= m.seq order by seq limit 1
) second on true`;

// seq is dense, so every page is a range of the primary key that can be told beforehand: as many rows are read as it
// has, in whatever way.
const page = `/* history */
with chat as (
  select c.id, c.last_seq from members m join chats c on c.id = m.chat_id where m.chat_id = $1 and m.user_id = $2
), range as (
  select id as chat_id, low, least(low, last_seq - $5 + 1) + $5 - 1 as high
  from chat cross join lateral (select case $3
    when 'first' then $4
    when 'last' then least($4, last_seq) - $5 + 1
    else greatest(1, least($4 - $5 / 2, last_seq - $5 + 1)) end as low) l
)
select ${messageColumns}
from range r
left join lateral (
  select * from messages
  where chat_id = r.chat_id and seq between r.low and r.high
) m on true
${messageJoins}
order by m.seq`
  .replaceAll("$3", "$3::text")
  .replaceAll("$4", "$4::int")
  .replaceAll("$5", "$5::int");

/** Messages in the order of seq; undefined if the chat is not there for this user. */
export async function readPage(
  queries: Queries,
  chatId: string,
  userId: string,
  range: Range,
): Promise<MessageInfo[] | undefined> {
  const parameters = [chatId, userId, range.kind, range.seq, range.limit];
  const rows = await queries.query<MessageRow | NoMessage>(page, parameters);
  if (rows.length === 0) return undefined;
  return rows.filter((row) => row.seq !== null).map(toMessageInfo);
}

/** The page is empty, but the chat is there. */
interface NoMessage {
  seq: null;
}

export function toMessageInfo(row: MessageRow): MessageInfo {
  return {
    id: row.id,
    chat_id: row.chat_id,
    seq: row.seq,
    version: row.version,
    sender: { id: row.sender_id, name: row.sender_name, email: row.sender_email },
    text: row.text,
    created_at: new Date(row.created_at).toISOString(),
    is_read: row.read_at !== null,
    read_at: toTimestamp(row.read_at),
    idempotency_key: row.idempotency_key,
    mentions: row.mentions ?? [],
    edited_at: toTimestamp(row.edited_at),
    deleted_at: toTimestamp(row.deleted_at),
  };
}

const toTimestamp = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString());
