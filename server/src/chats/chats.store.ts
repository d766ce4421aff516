// The tables of chats and members.
import type { ChatInfo, GroupInfo, UserInfo } from "@windi/protocol";
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import type { Orm } from "../database/database.ts";
import { chats, members, users } from "../database/schema.ts";

/** The database, or one transaction on it. */
type Handle = Pick<Orm, "select" | "insert" | "update" | "delete">;

export type ChatRow = typeof chats.$inferSelect;

const person = { id: users.id, name: users.name, email: users.email };

export const pairKey = (one: string, other: string) => [one, other].toSorted().join(" ");

/** Those of the ids that are people, in no order. */
export function findUsers(db: Handle, ids: readonly string[]): Promise<UserInfo[]> {
  return db
    .select(person)
    .from(users)
    .where(inArray(users.id, [...ids]));
}

/** False if these two have a personal chat already, however close the other request was. */
export async function insertPersonalChat(db: Handle, id: string, creatorId: string, otherId: string) {
  const row = {
    id,
    type: "personal" as const,
    creator_id: creatorId,
    pair_key: pairKey(creatorId, otherId),
  };
  const inserted = await db.insert(chats).values(row).onConflictDoNothing().returning({ id: chats.id });
  if (inserted.length === 0) return false;
  await insertMembers(db, id, [creatorId, otherId], creatorId);
  return true;
}

export async function insertGroup(
  db: Handle,
  id: string,
  title: string,
  creatorId: string,
  memberIds: readonly string[],
) {
  await db.insert(chats).values({ id, type: "group", title, creator_id: creatorId });
  await insertMembers(db, id, memberIds, creatorId);
}

/** Adds whom is not a member yet; answers with the number of those. */
export async function insertMembers(
  db: Handle,
  chatId: string,
  userIds: readonly string[],
  creatorId: string,
) {
  const rows = userIds.map((userId) => ({
    chat_id: chatId,
    user_id: userId,
    role: userId === creatorId ? ("creator" as const) : ("member" as const),
  }));
  const inserted = await db
    .insert(members)
    .values(rows)
    .onConflictDoNothing()
    .returning({ id: members.user_id });
  return inserted.length;
}

/** The ids of those who were members. */
export async function deleteMembers(
  db: Handle,
  chatId: string,
  userIds: readonly string[],
): Promise<string[]> {
  const where = and(eq(members.chat_id, chatId), inArray(members.user_id, [...userIds]));
  const deleted = await db.delete(members).where(where).returning({ id: members.user_id });
  return deleted.map((row) => row.id);
}

/** Says that people came or went: a send that waits for this chat's lock checks membership again. */
export async function touchMembers(db: Handle, chatId: string): Promise<void> {
  await db
    .update(chats)
    .set({ version: sql`${chats.version} + 1`, members_version: sql`${chats.members_version} + 1` })
    .where(eq(chats.id, chatId));
}

/**
 * The group's row, locked until the transaction ends: no message is committed meanwhile. The key stays, so that
 * whoever refers to the row, as a reader's marks do, need not wait.
 */
export async function lockGroup(db: Handle, groupId: string): Promise<ChatRow | undefined> {
  const where = and(eq(chats.id, groupId), eq(chats.type, "group"));
  const [row] = await db.select().from(chats).where(where).for("no key update");
  return row;
}

/** Deletes the chat with everything in it; answers with the ids of its members. */
export async function deleteChat(db: Handle & Pick<Orm, "execute">, chatId: string): Promise<string[]> {
  const gone = await db.delete(members).where(eq(members.chat_id, chatId)).returning({ id: members.user_id });
  await db.execute(sql`delete from messages where chat_id = ${chatId}`);
  await db.delete(chats).where(eq(chats.id, chatId));
  return gone.map((row) => row.id);
}

export async function isMember(db: Handle, chatId: string, userId: string): Promise<boolean> {
  const where = and(eq(members.chat_id, chatId), eq(members.user_id, userId));
  const rows = await db.select({ id: members.user_id }).from(members).where(where).limit(1);
  return rows.length > 0;
}

export async function findGroup(db: Handle, groupId: string): Promise<GroupInfo | undefined> {
  const [group] = await db
    .select({ id: chats.id, title: chats.title, creator: person })
    .from(chats)
    .innerJoin(users, eq(users.id, chats.creator_id))
    .where(and(eq(chats.id, groupId), eq(chats.type, "group")));
  if (!group) return undefined;
  const rows = await db
    .select({ user: person, joined_at: members.joined_at })
    .from(members)
    .innerJoin(users, eq(users.id, members.user_id))
    .where(eq(members.chat_id, groupId))
    .orderBy(asc(members.joined_at), asc(users.id));
  return {
    ...group,
    title: group.title ?? "",
    members: rows.map((row) => ({ user: row.user, joined_at: row.joined_at.toISOString() })),
  };
}

/** The user's chats, latest activity first, in one statement. */
export async function findChats(db: Handle, userId: string, chatId?: string): Promise<ChatInfo[]> {
  const mine = db
    .select({ id: members.chat_id })
    .from(members)
    .where(and(eq(members.user_id, userId), chatId === undefined ? undefined : eq(members.chat_id, chatId)));
  const rows = await db
    .select({ id: chats.id, type: chats.type, title: chats.title, user: person })
    .from(chats)
    .innerJoin(members, eq(members.chat_id, chats.id))
    .innerJoin(users, eq(users.id, members.user_id))
    .where(inArray(chats.id, mine))
    .orderBy(desc(chats.last_activity_at), desc(chats.id), asc(members.joined_at), asc(users.id));
  const byId = new Map<string, { row: (typeof rows)[number]; people: UserInfo[] }>();
  for (const row of rows) {
    const chat = byId.get(row.id);
    if (chat) chat.people.push(row.user);
    else byId.set(row.id, { row, people: [row.user] });
  }
  return [...byId.values()].map(({ row, people }) => toChatInfo(row, people));
}

function toChatInfo(row: Pick<ChatRow, "id" | "type" | "title">, people: UserInfo[]): ChatInfo {
  const isGroup = row.type !== "personal";
  return {
    id: row.id,
    name: isGroup ? (row.title ?? "") : people.map((user) => user.name).join(", "),
    type: isGroup ? "group" : "personal",
    members: people.map((user) => ({ user })),
    group_id: isGroup ? row.id : null,
  };
}
