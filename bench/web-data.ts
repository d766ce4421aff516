// What the web client's measurements look at: somebody with a password, a chat with a long history, and many other chats.
import { createPasswords } from "../server/src/accounts/passwords.ts";
import type { Database } from "../server/src/database/database.ts";
import { createHistory } from "./history-data.ts";
import { createTexts } from "./texts.ts";

export interface WebPerson {
  email: string;
  password: string;
  /** The chat with the long history. */
  longChat: string;
  /** Those with some messages, in the order of the list. */
  chats: readonly string[];
}

const messagesPerChat = 80;
/** So many chats have that many messages, the others one: nobody looks at them. */
export const fullChats = 12;
const password = "benchmarks look at pages";

const insertChats = `
insert into chats (id, type, title, creator_id, pair_key, member_count, last_seq, version, last_activity_at)
select c.id, case when p.is_personal then 'personal' else 'group' end, case when not p.is_personal then 'Group ' || c.place end,
  $2::uuid, case when p.is_personal then c.id::text end, 2, l.length, l.length, now() - interval '1 minute' * c.place
from unnest($1::uuid[]) with ordinality c(id, place),
  lateral (select c.place % 3 = 0) p(is_personal),
  lateral (select case when c.place <= ${fullChats} then ${messagesPerChat} else 1 end) l(length)`;

const insertMembers = `
insert into members (chat_id, user_id, role, read_seq)
select chat.id, member.id, 'member', chat.last_seq
from unnest($1::uuid[]) with ordinality c(id, place) join chats chat on chat.id = c.id,
  lateral unnest(array[$2::uuid, ($3::uuid[])[1 + c.place % 40]]) member(id)`;

const insertMessages = `
insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
select chat.id, s, gen_random_uuid(), m.user_id, ($2::text[])[s % 100 + 1], s,
  chat.last_activity_at - interval '1 minute' * (chat.last_seq - s)
from chats chat, generate_series(1, chat.last_seq) s,
  lateral (select user_id from members where chat_id = chat.id order by user_id offset (s / 3) % 2 limit 1) m
where chat.id = any ($1::uuid[])`;

/**
 * @param length messages of the long chat
 * @param count of the other chats
 */
export async function createWebPerson(database: Database, length: number, count: number): Promise<WebPerson> {
  const { userId, chats } = await createHistory(database, [length]);
  const longChat = chats.get(length) ?? "";
  const others = await database.query<{ id: string }>("select id from users where id <> $1::uuid", [userId]);
  const otherIds = others.map(({ id }) => id);
  const ids = Array.from({ length: count }, () => Bun.randomUUIDv7());
  await database.query(insertChats, [ids, userId]);
  await database.query(insertMembers, [ids, userId, otherIds]);
  await database.query(insertMessages, [ids, createTexts(100)]);
  await database.query("update members set read_seq = $2::int where chat_id = $1::uuid", [longChat, length]);
  const hash = await createPasswords().hash(password);
  await database.query("update users set password_hash = $2 where id = $1::uuid", [userId, hash]);
  await database.query("analyze");
  return { email: `${userId}@example.org`, password, longChat, chats: ids.slice(0, fullChats) };
}
