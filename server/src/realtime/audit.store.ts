// What the database says of chats and people that a node believes to know.
import type { Queries } from "../database/database.ts";

export interface ChatState {
  chat_id: string;
  seq: number;
  version: number;
  members_version: number;
}

export interface Membership {
  chat_id: string;
  user_id: string;
}

/** Where these chats are; those that are gone are missing. */
export const readStates = (queries: Queries, chatIds: readonly string[]): Promise<ChatState[]> =>
  queries.query(
    `/* audit */ select c.id as chat_id, c.last_seq as seq, c.version, c.members_version
    from unnest($1::uuid[]) i(id)
    cross join lateral (
      select id, last_seq, version, members_version from chats where id = i.id limit 1
    ) c`,
    [chatIds],
  );

/** Those of the pairs that are so. */
export const confirmMembers = (
  queries: Queries,
  pairs: readonly { chatId: string; userId: string }[],
): Promise<Membership[]> =>
  queries.query(
    `select i.chat_id, i.user_id from unnest($1::uuid[], $2::uuid[]) i(chat_id, user_id)
    where exists (select 1 from members m where m.chat_id = i.chat_id and m.user_id = i.user_id)`,
    [pairs.map((pair) => pair.chatId), pairs.map((pair) => pair.userId)],
  );

/** Those of these people who are in the chat. */
export async function membersAmong(
  queries: Queries,
  chatId: string,
  userIds: readonly string[],
): Promise<string[]> {
  const rows = await confirmMembers(
    queries,
    userIds.map((userId) => ({ chatId, userId })),
  );
  return rows.map((row) => row.user_id);
}

/** Which chats these people came into within the last seconds, by the database's clock. */
export const readAdditions = (
  queries: Queries,
  userIds: readonly string[],
  seconds: number,
): Promise<Membership[]> =>
  queries.query(
    `select m.chat_id, m.user_id from unnest($1::uuid[]) i(id)
    cross join lateral (
      select chat_id, user_id from members
      where user_id = i.id and joined_at > now() - make_interval(secs => $2::float8)
    ) m`,
    [userIds, seconds],
  );

/** The chats that this person is in. */
export async function chatsOf(queries: Queries, userId: string): Promise<string[]> {
  const rows = await queries.query<{ chat_id: string }>("select chat_id from members where user_id = $1", [
    userId,
  ]);
  return rows.map((row) => row.chat_id);
}
