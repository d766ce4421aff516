// Who has read a message: whose read pointer is at or after it.
import type { MessageReaders } from "@windi/protocol";
import type { Queries } from "../database/database.ts";

/** Readers that are named; of more there is the count. */
const mostNamed = 100;

// Whoever came into the chat later starts with a pointer at its end, and has read nothing of before.
const readers = `/* readers */
with asked as materialized (
  select m.seq, m.sender_id, m.created_at from members o
  left join lateral (
    select seq, sender_id, created_at from messages where chat_id = o.chat_id and id = $3 limit 1
  ) m on true
  where o.chat_id = $1 and o.user_id = $2
), readers as materialized (
  select r.user_id, r.read_at from asked a
  join members r on r.chat_id = $1 and r.read_seq >= a.seq and r.user_id <> a.sender_id and r.joined_at <= a.created_at
)
select a.seq is not null as is_there, (select count(*)::int from readers) as count, u.id, u.name, u.email
from asked a
left join (select * from readers order by read_at desc nulls last, user_id limit ${mostNamed}) r on true
left join lateral (select id, name, email from users where id = r.user_id limit 1) u on true
order by r.read_at desc nulls last, r.user_id`;

interface ReaderRow {
  is_there: boolean;
  count: number;
  id: string | null;
  name: string;
  email: string;
}

/** Whoever read last in the chat first. A string says what is not there for this user. */
export async function findReaders(
  queries: Queries,
  chatId: string,
  userId: string,
  messageId: string,
): Promise<MessageReaders | "no_chat" | "no_message"> {
  const rows = await queries.query<ReaderRow>(readers, [chatId, userId, messageId]);
  const [first] = rows;
  if (!first) return "no_chat";
  if (!first.is_there) return "no_message";
  const people = rows.flatMap(({ id, name, email }) => (id === null ? [] : [{ id, name, email }]));
  return { readers: people, count: first.count };
}
