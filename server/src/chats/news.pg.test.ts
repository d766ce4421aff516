import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ChatSummary, UserInfo } from "@windi/protocol";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import type { Database } from "../database/database.ts";
import { createChats, type Chats } from "./chats.ts";
import type { ChatNewsEvent } from "./news.ts";

type News =
  | ChatNewsEvent
  | { revoked: readonly string[] }
  | { ended: "committed" | "undone" }
  | { added: readonly string[]; chat: ChatSummary };

interface Counters {
  version: number;
  info_version: number;
  members_version: number;
  member_count: number;
}

describe.each(kinds)("what is told of chats on the %s database", (kind) => {
  let store: Store;
  let chats: Chats;
  let news: News[];
  let alice: UserInfo;
  let bob: UserInfo;
  let carol: UserInfo;
  let group: string;

  beforeAll(async () => {
    store = await openStore(kind);
    [alice, bob, carol] = (await store.people(3)) as [UserInfo, UserInfo, UserInfo];
    news = [];
    chats = chatsOn(store.database);
    group = (await chats.createGroup(alice, "Garden", [bob.id])).id;
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const chatsOn = (database: Database): Chats =>
    createChats({
      database,
      newId: () => Bun.randomUUIDv7(),
      news: {
        revoke(_chatId, userIds) {
          news.push({ revoked: userIds.toSorted() });
          const end = (ended: "committed" | "undone") => () => void news.push({ ended });
          return { committed: end("committed"), undone: end("undone") };
        },
        changed: (event) => void news.push(event),
        added: (userIds, chat) => void news.push({ added: userIds.toSorted(), chat }),
      },
    });

  const ids = (...users: UserInfo[]) => users.map((user) => user.id).toSorted();

  /** What is told while `work` is done, and where it leaves the group's counters. */
  async function during(work: Promise<unknown>): Promise<{ told: News[]; counters: Counters | undefined }> {
    news.length = 0;
    await work.catch((error: unknown) => error);
    const statement = "select version, info_version, members_version, member_count from chats where id = $1";
    const [counters] = await store.database.query<Counters>(statement, [group]);
    return { told: [...news], counters };
  }
  const counters = (version: number, members_version: number, member_count: number): Counters => ({
    ...{ version, info_version: version, members_version, member_count },
  });

  test("a personal chat is told to both, each with the other's name", async () => {
    const { told } = await during(chats.createPersonal(alice, bob.id));
    expect(told).toHaveLength(2);
    for (const [place, user] of [alice, bob].entries()) {
      const [chat] = (await chats.summaries(user, { limit: 1 })).chats;
      expect(told[place]).toEqual({ added: [user.id], chat: chat! });
    }
    const again = await during(chats.createPersonal(bob, alice.id));
    expect(again.told).toEqual([]);
  });

  test("a new group is told to all its members, its creator included", async () => {
    const made = chats.createGroup(alice, "Orchard", [bob.id, alice.id, bob.id]);
    const { told } = await during(made);
    const chat = await chats.summary(bob, (await made).id);
    expect(chat).toMatchObject({ name: "Orchard", member_count: 2, version: 0 });
    expect(told).toEqual([{ added: ids(alice, bob), chat }]);
  });

  test("another title is one version and one event, the same title none", async () => {
    const event = { event: "chat_changed", chat_id: group, version: 1, title: "Herbs" } as const;
    expect(await during(chats.renameGroup(alice, group, "Herbs"))).toEqual({
      told: [event],
      counters: counters(1, 0, 2),
    });
    expect((await chats.summary(bob, group)).name).toBe("Herbs");
    const same = await during(chats.renameGroup(alice, group, "Herbs"));
    expect(same).toEqual({ told: [], counters: counters(1, 0, 2) });
  });

  test("who joins is told of the chat, and all others of who joined; who is in it already counts for nothing", async () => {
    await store.append(group, alice, ["one", "two"]);
    const { told, counters: after } = await during(chats.addMembers(alice, group, ids(alice, bob, carol)));
    expect(told).toEqual([
      { event: "members_added", chat_id: group, version: 4, user_ids: [carol.id], member_count: 3 },
      { added: [carol.id], chat: await chats.summary(carol, group) },
    ]);
    expect(after).toEqual(counters(4, 1, 3));
    expect(await chats.summary(carol, group)).toMatchObject({ read_seq: 2, unread_count: 0 });
    const again = await during(chats.addMembers(alice, group, ids(bob, carol)));
    expect(again).toEqual({ told: [], counters: counters(4, 1, 3) });
  });

  test("who leaves is out before the commit, and the others are told after it", async () => {
    const { told, counters: after } = await during(chats.leaveGroup(carol, group));
    expect(told).toEqual([
      { revoked: [carol.id] },
      { ended: "committed" },
      { event: "members_removed", chat_id: group, version: 5, user_ids: [carol.id], member_count: 2 },
    ]);
    expect(after).toEqual(counters(5, 2, 2));
    const again = await during(chats.leaveGroup(carol, group));
    expect(again).toEqual({ told: [], counters: counters(5, 2, 2) });
  });

  test("who is removed is told of like who leaves, and removing nobody of the group counts for nothing", async () => {
    expect((await during(chats.removeMembers(alice, group, [carol.id]))).told).toEqual([]);
    const { told, counters: after } = await during(chats.removeMembers(alice, group, ids(bob, carol)));
    expect(told).toEqual([
      { revoked: [bob.id] },
      { ended: "committed" },
      { event: "members_removed", chat_id: group, version: 6, user_ids: [bob.id], member_count: 1 },
    ]);
    expect(after).toEqual(counters(6, 3, 1));
  });

  test("what is refused is told to nobody", async () => {
    await chats.addMembers(alice, group, [bob.id]);
    for (const refused of [
      () => chats.renameGroup(bob, group, "Bob's"),
      () => chats.leaveGroup(alice, group),
      () => chats.addMembers(bob, group, [carol.id]),
      () => chats.addMembers(alice, group, [carol.id, crypto.randomUUID()]),
      () => chats.removeMembers(alice, group, [alice.id]),
      () => chats.deleteGroup(bob, group),
    ]) {
      expect(await during(refused())).toEqual({ told: [], counters: counters(7, 4, 2) });
    }
  });

  test("what is rolled back after people were cut off is undone for them, and told to nobody", async () => {
    const breaking: Database = {
      ...store.database,
      begin: (work) =>
        store.database.begin(async (db) => {
          await work(db);
          throw new Error("the connection broke");
        }),
    };
    for (const broken of [
      () => chatsOn(breaking).removeMembers(alice, group, [bob.id]),
      () => chatsOn(breaking).leaveGroup(bob, group),
    ]) {
      expect(await during(broken())).toEqual({
        told: [{ revoked: [bob.id] }, { ended: "undone" }],
        counters: counters(7, 4, 2),
      });
    }
    expect((await during(chatsOn(breaking).addMembers(alice, group, [carol.id]))).told).toEqual([]);
    expect((await during(chatsOn(breaking).renameGroup(alice, group, "Lost"))).told).toEqual([]);
  });

  test("a deleted group is taken from all its members, and there is no event of it", async () => {
    const { told, counters: after } = await during(chats.deleteGroup(alice, group));
    expect(told).toEqual([{ revoked: ids(alice, bob) }, { ended: "committed" }]);
    expect(after).toBeUndefined();
  });
});
