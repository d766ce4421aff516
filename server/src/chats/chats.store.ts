// Reading chats and members: what the seed's answers are made of.
import type { ChatInfo, GroupInfo, UserInfo } from "@windi/protocol";
import { and, asc, desc, eq, inArray } from "drizzle-orm";
import type { Orm } from "../database/database.ts";
import { chats, members, users } from "../database/schema.ts";

type Handle = Pick<Orm, "select">;

const person = { id: users.id, name: users.name, email: users.email };

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
  // It is being deleted.
  if (rows.length === 0) return undefined;
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

function toChatInfo(
  row: Pick<typeof chats.$inferSelect, "id" | "type" | "title">,
  people: UserInfo[],
): ChatInfo {
  const isGroup = row.type !== "personal";
  return {
    id: row.id,
    name: isGroup ? (row.title ?? "") : people.map((user) => user.name).join(", "),
    type: isGroup ? "group" : "personal",
    members: people.map((user) => ({ user })),
    group_id: isGroup ? row.id : null,
  };
}
