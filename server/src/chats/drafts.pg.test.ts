import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import { openStore, type Store } from "../../../tests/stores.ts";
import { until } from "../../../tests/until.ts";
import { saveDraft } from "./drafts.store.ts";
import { deleteAllMembers, deleteMembers, lockGroup } from "./members.store.ts";

describe("a draft and the end of its membership on a PostgreSQL server", () => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;

  beforeAll(async () => {
    store = await openStore("server");
    [alice, bob] = (await store.people(2)) as [UserInfo, UserInfo];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const draftsIn = (chat: string) =>
    store.database.query("select user_id from drafts where chat_id = $1", [chat]);

  test("a draft that waits for the removal is not saved", async () => {
    const chat = await store.group([alice, bob]);
    const removed = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const removing = store.node().begin(async (db) => {
      await lockGroup(db, chat);
      await deleteMembers(db, chat, [bob.id]);
      removed.resolve();
      await go.promise;
    });
    await removed.promise;
    const saving = saveDraft(store.database, chat, bob.id, "Dear");
    await until(() => store.isWaiting());
    go.resolve();
    await removing;
    expect(await saving).toBeUndefined();
    expect(await draftsIn(chat)).toEqual([]);
  });

  test.each([
    ["of one", (db: Parameters<typeof deleteMembers>[0], chat: string) => deleteMembers(db, chat, [bob.id])],
    ["of all", (db: Parameters<typeof deleteMembers>[0], chat: string) => deleteAllMembers(db, chat)],
  ])("a removal %s that waits for a draft erases it", async (_, remove) => {
    const chat = await store.group([alice, bob]);
    const saved = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const saving = store.node().begin(async (db) => {
      await saveDraft(db, chat, bob.id, "Dear");
      saved.resolve();
      await go.promise;
    });
    await saved.promise;
    const removing = store.database.begin((db) => remove(db, chat));
    await until(() => store.isWaiting());
    go.resolve();
    await Promise.all([saving, removing]);
    expect(await draftsIn(chat)).toEqual([]);
  });
});
