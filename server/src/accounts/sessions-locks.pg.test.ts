import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStore, type Store } from "../../../tests/stores.ts";
import { until } from "../../../tests/until.ts";
import { endBeyond, endOthers, insertSession } from "./sessions.store.ts";

// The embedded database has one connection: nobody waits for a row there.
let store: Store;
beforeAll(async () => {
  store = await openStore("server");
});
afterAll(() => store[Symbol.asyncDispose]());

test.each([
  ["all others", (userId: string) => endOthers(store.database, userId, undefined)],
  ["those beyond a number", (userId: string) => endBeyond(store.database, userId, 0)],
])("whoever ends %s takes them in the order of their ids, so that two do not deadlock", async (_, end) => {
  const [user] = await store.people(1);
  const userId = user?.id ?? "";
  const ids = Array.from({ length: 20 }, () => Bun.randomUUIDv7());
  const made = {
    userId,
    passwordVersion: 0,
    device: "Firefox on Linux",
    address: "192.0.2.0/24",
    seconds: 600,
  };
  for (const id of ids.toReversed()) await insertSession(store.database, { id, ...made });
  const lock = "select id from sessions where id = any($1::uuid[]) order by id for update";
  let ending: Promise<string[]> | undefined;
  await store.node().begin(async (other) => {
    await other.query(lock, [ids.slice(0, 1)]);
    ending = end(userId);
    await until(() => store.isWaiting());
    await other.query(lock, [ids]);
  });
  expect((await ending)?.toSorted()).toEqual(ids);
});
