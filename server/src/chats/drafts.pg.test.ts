import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import { openStore, type Store } from "../../../tests/stores.ts";
import { until } from "../../../tests/until.ts";
import { saveDraft } from "./drafts.store.ts";
import { readSummary } from "./summaries.store.ts";
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
    const saving = store.database.begin((db) => saveDraft(db, chat, bob.id, "Dear"));
    await until(() => store.isWaiting());
    go.resolve();
    await removing;
    expect(await saving).toBeUndefined();
    expect(await draftsIn(chat)).toEqual([]);
  });

  test("of two that come at once the later one stays, also when that has no text", async () => {
    const chat = await store.group([alice, bob]);
    for (const [sooner, later] of [
      ["Dear", ""],
      ["", "Dear"],
      ["Dear", "Dearest"],
    ] as const) {
      const saving: Promise<unknown>[] = [];
      const first = await store.node().begin(async (db) => {
        const saved = await saveDraft(db, chat, bob.id, sooner);
        saving.push(store.database.begin((other) => saveDraft(other, chat, bob.id, later)));
        await until(() => store.isWaiting());
        return saved;
      });
      const [second] = await Promise.all(saving);
      expect(second).toMatchObject({ own_version: (first?.own_version ?? 0) + 1 });
      expect((await readSummary(store.database, bob.id, chat))?.draft?.text ?? "").toBe(later);
      expect((await readSummary(store.database, bob.id, chat))?.own_version).toBe(
        (first?.own_version ?? 0) + 1,
      );
    }
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
