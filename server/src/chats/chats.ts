// The rules of chats and groups: who may make, see, change and delete them.
import type { ChatInfo, GroupInfo, UserInfo } from "@windi/protocol";
import type { Database, Orm } from "../database/database.ts";
import { Failure } from "../failure.ts";
import * as store from "./chats.store.ts";
import { requireCreator } from "./permissions.ts";

export interface Chats {
  createPersonal(user: UserInfo, otherId: string): Promise<ChatInfo>;
  list(user: UserInfo): Promise<ChatInfo[]>;
  createGroup(user: UserInfo, title: string, memberIds: readonly string[]): Promise<GroupInfo>;
  getGroup(user: UserInfo, groupId: string): Promise<GroupInfo>;
  addMembers(user: UserInfo, groupId: string, userIds: readonly string[]): Promise<GroupInfo>;
  removeMembers(user: UserInfo, groupId: string, userIds: readonly string[]): Promise<GroupInfo>;
  deleteGroup(user: UserInfo, groupId: string): Promise<void>;
  isMember(userId: string, chatId: string): Promise<boolean>;
}

interface ChatsNeeds {
  database: Database;
  newId(): string;
  /**
   * Ends what these people hear of the chat. Called while the chat is locked and before the commit, so that what is
   * committed later does not reach them; then told how it ended.
   */
  revoke(chatId: string, userIds: readonly string[]): { committed(): void; undone(): void };
}

export function createChats({ database, newId, revoke }: ChatsNeeds): Chats {
  const { orm } = database;

  /** Runs `change` on the locked group, if this user is its creator. */
  function changeGroup<T>(
    user: UserInfo,
    groupId: string,
    change: (db: Transaction) => Promise<T>,
  ): Promise<T> {
    return orm.transaction(async (db) => {
      const group = await store.lockGroup(db, groupId);
      if (!group) throw new Failure("group_not_found");
      requireCreator(user, group);
      return change(db);
    });
  }

  /** As `changeGroup`, for a change after which some people are out: theirs are the ids that `change` answers with. */
  async function expel(
    user: UserInfo,
    groupId: string,
    change: (db: Transaction) => Promise<string[]>,
  ): Promise<void> {
    let revoked: ReturnType<typeof revoke> | undefined;
    try {
      await changeGroup(user, groupId, async (db) => {
        revoked = revoke(groupId, await change(db));
      });
      revoked?.committed();
    } catch (error) {
      revoked?.undone();
      throw error;
    }
  }

  async function groupOrGone(groupId: string): Promise<GroupInfo> {
    const group = await store.findGroup(orm, groupId);
    if (!group) throw new Failure("group_not_found");
    return group;
  }

  return {
    async createPersonal(user, otherId) {
      if (otherId === user.id) throw new Failure("chat_with_self");
      await requireUsers(orm, [otherId]);
      const id = newId();
      const isNew = await orm.transaction((db) => store.insertPersonalChat(db, id, user.id, otherId));
      if (!isNew) throw new Failure("chat_exists");
      const [chat] = await store.findChats(orm, user.id, id);
      if (!chat) throw new Failure("chat_not_found");
      return chat;
    },

    list: (user) => store.findChats(orm, user.id),

    async createGroup(user, title, memberIds) {
      const others = [...new Set(memberIds)].filter((id) => id !== user.id);
      await requireUsers(orm, others);
      const id = newId();
      await orm.transaction((db) => store.insertGroup(db, id, title, user.id, [user.id, ...others]));
      return groupOrGone(id);
    },

    async getGroup(user, groupId) {
      const group = await groupOrGone(groupId);
      if (!group.members.some((member) => member.user.id === user.id)) throw new Failure("not_a_member");
      return group;
    },

    async addMembers(user, groupId, userIds) {
      await changeGroup(user, groupId, async (db) => {
        await requireUsers(db, userIds);
        const added = await store.insertMembers(db, groupId, [...new Set(userIds)], user.id);
        if (added > 0) await store.touchMembers(db, groupId);
      });
      return groupOrGone(groupId);
    },

    async removeMembers(user, groupId, userIds) {
      await expel(user, groupId, async (db) => {
        if (userIds.includes(user.id)) throw new Failure("creator_stays");
        await requireUsers(db, userIds);
        const removed = await store.deleteMembers(db, groupId, userIds);
        if (removed.length > 0) await store.touchMembers(db, groupId);
        return removed;
      });
      return groupOrGone(groupId);
    },

    deleteGroup: (user, groupId) => expel(user, groupId, (db) => store.deleteChat(db, groupId)),

    isMember: (userId, chatId) => store.isMember(orm, chatId, userId),
  };
}

type Transaction = Parameters<Parameters<Orm["transaction"]>[0]>[0];

async function requireUsers(
  db: Pick<Orm, "select" | "insert" | "update" | "delete">,
  ids: readonly string[],
): Promise<void> {
  const wanted = new Set(ids);
  if (wanted.size === 0) return;
  const found = await store.findUsers(db, [...wanted]);
  if (found.length === wanted.size) return;
  for (const user of found) wanted.delete(user.id);
  throw new Failure("user_not_found", {
    detail: `User not found: ${[...wanted].slice(0, 3).join(", ")}`,
  });
}
