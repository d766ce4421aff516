// People with many chats, written by the database itself: personal ones and groups, one of them very large, partly unread.
import type { Database } from "../server/src/database/database.ts";
import { populate } from "./population.ts";
import { createTexts } from "./texts.ts";

/** What somebody has. */
export interface Shape {
  chats: number;
  messagesPerChat: number;
}

export interface ChatList extends Shape {
  userId: string;
  token: string;
  /** Somebody else, who is in the same chats and has read none of them. */
  readerId: string;
  chatIds: readonly string[];
}

const membersOfLargeGroup = 10_000;
/** One of so many chats is unread by half; one of so many is a personal one. */
const unreadShare = 10;
const personalShare = 3;

const insertChats = `
insert into chats (id, type, title, creator_id, pair_key, member_count, last_seq, version, last_activity_at)
select c.id, case when p.is_personal then 'personal' else 'group' end,
  case when not p.is_personal then 'Group ' || c.place end, $2::uuid, case when p.is_personal then c.id::text end,
  2, $3::int, $3::int, now() - random() * interval '30 days'
from unnest($1::uuid[]) with ordinality c(id, place), lateral (select c.place % ${personalShare} = 0) p(is_personal)`;

const insertMembers = `
insert into members (chat_id, user_id, role, read_seq)
select c.id, $2::uuid, 'creator', case when c.place % ${unreadShare} = 0 then $4::int / 2 else $4::int end
from unnest($1::uuid[]) with ordinality c(id, place)
union all select c.id, $3::uuid, 'member', 0 from unnest($1::uuid[]) c(id)`;

const insertLargeGroup = `
with people as (
  insert into users (id, name, email, email_key, password_hash)
  select id, 'Member', id || '@example.org', id || '@example.org', '-'
  from (select gen_random_uuid() as id from generate_series(3, $2::int)) made returning id
), joined as (
  insert into members (chat_id, user_id, role) select $1::uuid, id, 'member' from people
)
update chats set member_count = $2::int where id = $1::uuid`;

const insertMessages = `
insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
select c.id, s, gen_random_uuid(), $2::uuid, ($3::text[])[s % 100 + 1], s, now() - interval '1 second' * ($4::int - s)
from unnest($1::uuid[]) c(id), generate_series(1, $4::int) s`;

/** Somebody read up to every tenth message. */
const insertMarks = `
insert into read_marks (chat_id, rank, seq, user_id, read_at)
select c.id, 1, s, $2::uuid, now() from unnest($1::uuid[]) c(id), generate_series(10, $3::int, 10) s`;

const newId = () => Bun.randomUUIDv7();

/** @returns one list per shape, each somebody else's */
export async function createChatLists(database: Database, shapes: readonly Shape[]): Promise<ChatList[]> {
  const { users } = await populate(database, { users: 2 * shapes.length, chats: 0, membersPerChat: 0 });
  const texts = createTexts(100);
  const lists: ChatList[] = [];
  for (const [place, shape] of shapes.entries()) {
    const [user, reader] = users.slice(2 * place, 2 * place + 2);
    const [userId, readerId, token] = [user?.id ?? "", reader?.id ?? "", user?.token ?? ""];
    const chatIds = Array.from({ length: shape.chats }, newId);
    const length = shape.messagesPerChat;
    await database.query(insertChats, [chatIds, userId, length]);
    await database.query(insertMembers, [chatIds, userId, readerId, length]);
    await database.query(insertLargeGroup, [chatIds[0], membersOfLargeGroup]);
    const chunk = Math.ceil(20_000 / length);
    for (let from = 0; from < chatIds.length; from += chunk) {
      const some = chatIds.slice(from, from + chunk);
      await database.query(insertMessages, [some, readerId, texts, length]);
      await database.query(insertMarks, [some, userId, length]);
    }
    lists.push({ ...shape, userId, readerId, token, chatIds });
  }
  await database.query("analyze");
  return lists;
}
