// People, chats and members, put straight into the database, and tokens for them.
import { createTokens } from "../server/src/accounts/tokens.ts";
import type { Database } from "../server/src/database/database.ts";
import { secret } from "./programs.ts";

export interface Population {
  users: readonly { id: string; token: string }[];
  chats: readonly { id: string; memberIds: readonly string[] }[];
}

interface Size {
  users: number;
  chats: number;
  membersPerChat: number;
}

/** Far fewer than the database's limit on the time of a statement lets through. */
const membersPerStatement = 50_000;

/** Groups whose members go round: every user is in as many chats as any other, since yesterday. May be called more than once. */
export async function populate(database: Database, size: Size): Promise<Population> {
  const tokens = createTokens({ secret, algorithm: "HS256", lifetimeMinutes: 600, now: Date.now });
  const userIds = Array.from({ length: size.users }, () => Bun.randomUUIDv7());
  const chats = Array.from({ length: size.chats }, (_, chat) => ({
    id: Bun.randomUUIDv7(),
    memberIds: Array.from(
      { length: size.membersPerChat },
      (_, place) => userIds[(chat * size.membersPerChat + place) % size.users] as string,
    ),
  }));
  await database.query(
    `insert into users (id, name, email, email_key, password_hash)
     select id, 'Person ' || ord, id || '@example.org', id || '@example.org', '-'
     from unnest($1::uuid[]) with ordinality i(id, ord)`,
    [userIds],
  );
  await database.query(
    `insert into chats (id, type, title, creator_id, member_count)
     select id, 'group', 'Group ' || ord, creator, $3
     from unnest($1::uuid[], $2::uuid[]) with ordinality i(id, creator, ord)`,
    [chats.map((chat) => chat.id), chats.map((chat) => chat.memberIds[0]), size.membersPerChat],
  );
  const members = chats.flatMap((chat) => chat.memberIds.map((userId) => ({ chatId: chat.id, userId })));
  for (let first = 0; first < members.length; first += membersPerStatement) {
    const some = members.slice(first, first + membersPerStatement);
    await database.query(
      `insert into members (chat_id, user_id, role, joined_at)
       select chat_id, user_id, 'member', now() - interval '1 day' from unnest($1::uuid[], $2::uuid[]) i(chat_id, user_id)`,
      [some.map((member) => member.chatId), some.map((member) => member.userId)],
    );
  }
  const users = await Promise.all(userIds.map(async (id) => ({ id, token: await tokens.issue(id) })));
  return { users, chats };
}

/** Each user with their chats. */
export function membersOf({ users, chats }: Population): { token: string; chatIds: string[] }[] {
  const chatIds = new Map<string, string[]>(users.map((user) => [user.id, []]));
  for (const chat of chats) for (const id of chat.memberIds) chatIds.get(id)?.push(chat.id);
  return users.map((user) => ({ token: user.token, chatIds: chatIds.get(user.id) ?? [] }));
}
