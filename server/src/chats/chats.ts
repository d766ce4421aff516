// The rules of chats and groups: who may make, see, change and delete them, and who is told of it.
import type { ChatInfo, ChatPage, ChatSummary, GroupInfo, SummariesQuery, UserInfo } from "@windi/protocol";
import { findUsers } from "../accounts/accounts.store.ts";
import type { Database, Queries } from "../database/database.ts";
import { isConflict } from "../database/failures.ts";
import { Failure } from "../failure.ts";
import * as store from "./chats.store.ts";
import { eraseChat, findLeftovers } from "./erasure.store.ts";
import * as members from "./members.store.ts";
import type { ChatNews, Revocation } from "./news.ts";
import { requireCreator, requireOthers } from "./permissions.ts";
import { newGroupSummary, newPersonalSummary, pageOfSummaries } from "./summaries.ts";
import { readSummary } from "./summaries.store.ts";

export interface Chats {
  createPersonal(user: UserInfo, otherId: string): Promise<ChatInfo>;
  list(user: UserInfo): Promise<ChatInfo[]>;
  /** @throws Failure `invalid_request` for a cursor that is none */
  summaries(user: UserInfo, query: SummariesQuery): Promise<ChatPage>;
  summary(user: UserInfo, chatId: string): Promise<ChatSummary>;
  createGroup(user: UserInfo, title: string, memberIds: readonly string[]): Promise<GroupInfo>;
  getGroup(user: UserInfo, groupId: string): Promise<GroupInfo>;
  renameGroup(user: UserInfo, groupId: string, title: string): Promise<GroupInfo>;
  addMembers(user: UserInfo, groupId: string, userIds: readonly string[]): Promise<GroupInfo>;
  removeMembers(user: UserInfo, groupId: string, userIds: readonly string[]): Promise<GroupInfo>;
  leaveGroup(user: UserInfo, groupId: string): Promise<void>;
  deleteGroup(user: UserInfo, groupId: string): Promise<void>;
  /** Erases what deletions left behind that were cut short; nobody sees any of it. */
  eraseLeftovers(): Promise<void>;
  isMember(userId: string, chatId: string): Promise<boolean>;
}

interface ChatsNeeds {
  database: Database;
  newId(): string;
  news: ChatNews;
}

const maxAttempts = 3;

export function createChats({ database, newId, news }: ChatsNeeds): Chats {
  const { orm } = database;

  /** Runs `change` on the locked group; once more if it met readers, whose pointers are rows of the membership. */
  async function changeGroup<T>(
    groupId: string,
    change: (db: Queries, group: members.LockedGroup) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await database.begin(async (db) => {
          const group = await members.lockGroup(db, groupId);
          if (!group) throw new Failure("group_not_found");
          return change(db, group);
        });
      } catch (error) {
        if (!isConflict(error) || attempt >= maxAttempts) throw error;
      }
    }
  }

  /** As `changeGroup`, for a change that takes people out: those that it answers with, if any. */
  async function expel(
    groupId: string,
    change: (db: Queries, group: members.LockedGroup) => Promise<members.ChangedMembers | undefined>,
  ): Promise<members.ChangedMembers | undefined> {
    let revocation: Revocation | undefined;
    try {
      const gone = await changeGroup(groupId, async (db, group) => {
        const gone = await change(db, group);
        if (gone) revocation = news.revoke(groupId, gone.userIds);
        return gone;
      });
      revocation?.committed();
      return gone;
    } catch (error) {
      revocation?.undone();
      throw error;
    }
  }

  function tellOfMembers(
    event: "members_added" | "members_removed",
    chatId: string,
    { version, member_count, userIds }: members.ChangedMembers,
  ): void {
    news.changed({ event, chat_id: chatId, version, user_ids: userIds, member_count });
  }

  async function groupOrGone(groupId: string): Promise<GroupInfo> {
    const group = await store.findGroup(orm, groupId);
    if (!group) throw new Failure("group_not_found");
    return group;
  }

  return {
    async createPersonal(user, otherId) {
      if (otherId === user.id) throw new Failure("chat_with_self");
      const [other] = await requireUsers(database, [otherId]);
      const id = newId();
      const madeAtMs = await members.insertPersonalChat(database, id, user.id, otherId);
      if (!other || madeAtMs === undefined) throw new Failure("chat_exists");
      for (const [one, peer] of [
        [user, other],
        [other, user],
      ] as const) {
        news.added([one.id], newPersonalSummary({ id, creatorId: user.id, madeAtMs }, peer));
      }
      const [chat] = await store.findChats(orm, user.id, id);
      if (!chat) throw new Failure("chat_not_found");
      return chat;
    },

    list: (user) => store.findChats(orm, user.id),

    summaries: (user, query) => pageOfSummaries(database, user.id, query),

    async summary(user, chatId) {
      const summary = await readSummary(database, user.id, chatId);
      if (!summary) throw new Failure("chat_not_found");
      return summary;
    },

    async createGroup(user, title, memberIds) {
      const ids = [...new Set([user.id, ...memberIds])];
      await requireUsers(database, ids);
      const id = newId();
      const madeAtMs = await members.insertGroup(database, id, title, user.id, ids);
      news.added(ids, newGroupSummary({ id, creatorId: user.id, madeAtMs }, title, ids.length));
      return groupOrGone(id);
    },

    async getGroup(user, groupId) {
      const group = await groupOrGone(groupId);
      if (!group.members.some((member) => member.user.id === user.id)) throw new Failure("not_a_member");
      return group;
    },

    async renameGroup(user, groupId, title) {
      const renamed = await changeGroup(groupId, (db, group) => {
        requireCreator(user, group);
        return members.renameChat(db, groupId, title);
      });
      if (renamed) news.changed({ event: "chat_changed", chat_id: groupId, version: renamed.version, title });
      return groupOrGone(groupId);
    },

    async addMembers(user, groupId, userIds) {
      const joined = await changeGroup(groupId, async (db, group) => {
        requireCreator(user, group);
        await requireUsers(db, userIds);
        const added = await members.insertMembers(db, groupId, userIds);
        const [first] = added?.userIds ?? [];
        // With nothing unread, the chat looks the same to each of them.
        const summary = first === undefined ? undefined : await readSummary(db, first, groupId);
        return added && summary && { added, summary };
      });
      if (joined) {
        tellOfMembers("members_added", groupId, joined.added);
        news.added(joined.added.userIds, joined.summary);
      }
      return groupOrGone(groupId);
    },

    async removeMembers(user, groupId, userIds) {
      const gone = await expel(groupId, async (db, group) => {
        requireCreator(user, group);
        requireOthers(userIds, group);
        await requireUsers(db, userIds);
        return members.deleteMembers(db, groupId, userIds);
      });
      if (gone) tellOfMembers("members_removed", groupId, gone);
      return groupOrGone(groupId);
    },

    async leaveGroup(user, groupId) {
      const gone = await expel(groupId, (db, group) => {
        requireOthers([user.id], group);
        return members.deleteMembers(db, groupId, [user.id]);
      });
      if (!gone) throw new Failure("not_a_member");
      tellOfMembers("members_removed", groupId, gone);
    },

    async deleteGroup(user, groupId) {
      await expel(groupId, (db, group) => {
        requireCreator(user, group);
        return members.deleteAllMembers(db, groupId);
      });
      await eraseChat(database, groupId);
    },

    async eraseLeftovers() {
      for (const chatId of await findLeftovers(database)) await eraseChat(database, chatId);
    },

    isMember: (userId, chatId) => store.isMember(orm, chatId, userId),
  };
}

/** @throws Failure `user_not_found` unless each of the ids is somebody's */
async function requireUsers(queries: Queries, ids: readonly string[]): Promise<UserInfo[]> {
  const wanted = new Set(ids);
  const found = await findUsers(queries, [...wanted]);
  if (found.length === wanted.size) return found;
  for (const user of found) wanted.delete(user.id);
  throw new Failure("user_not_found", {
    detail: `User not found: ${[...wanted].slice(0, 3).join(", ")}`,
  });
}
