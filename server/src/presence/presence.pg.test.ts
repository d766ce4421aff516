import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { findProfile, updateProfile } from "../accounts/accounts.store.ts";
import { readMembers, readProfiles, saveLastSeen } from "./presence.store.ts";

describe.each(kinds)("on the %s database", (kind) => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;

  beforeAll(async () => {
    store = await openStore(kind);
    [alice, bob] = (await store.people(2)) as [UserInfo, UserInfo];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const profile = async (user: UserInfo) => (await readProfiles(store.database, [user.id]))[0];

  test("the members of several chats are read at once, with what they show", async () => {
    const [one, other, gone] = [
      await store.group([alice, bob]),
      await store.group([bob]),
      Bun.randomUUIDv7(),
    ];
    const rows = await readMembers(store.database, [one, other, gone]);
    const pairs = rows.map((row) => [row.chat_id, row.user_id].join(" "));
    expect(pairs.toSorted()).toEqual(
      [`${one} ${alice.id}`, `${one} ${bob.id}`, `${other} ${bob.id}`].toSorted(),
    );
    expect(rows.every((row) => row.shows_presence && row.last_seen_at === null)).toBe(true);
  });

  test("of two moments the later one stays, to the millisecond", async () => {
    const at = Date.UTC(2026, 0, 31, 9, 0, 0, 123);
    await saveLastSeen(store.database, [
      [alice.id, at],
      [Bun.randomUUIDv7(), at],
    ]);
    await saveLastSeen(store.database, [[alice.id, at - 1]]);
    expect(await profile(alice)).toEqual({ user_id: alice.id, shows_presence: true, last_seen_at: at });
  });

  test("whoever stops showing presence is not remembered as seen, then or later", async () => {
    await saveLastSeen(store.database, [[bob.id, 1000]]);
    expect(await updateProfile(store.database.orm, bob.id, { shows_presence: false })).toEqual({
      ...bob,
      shows_presence: false,
    });
    await saveLastSeen(store.database, [[bob.id, 2000]]);
    expect(await profile(bob)).toEqual({ user_id: bob.id, shows_presence: false, last_seen_at: null });
    await updateProfile(store.database.orm, bob.id, { shows_presence: true });
    expect(await findProfile(store.database.orm, bob.id)).toEqual({ ...bob, shows_presence: true });
    expect(await profile(bob)).toMatchObject({ shows_presence: true, last_seen_at: null });
  });

  test("nodes that write the same people at the same time do not stop each other", async () => {
    const people = await store.people(50);
    const moments = people.map((user, n) => [user.id, 5000 + n] as const);
    const nodes = Array.from({ length: 4 }, () => store.node());
    await Promise.all(
      nodes.flatMap((node, n) =>
        Array.from({ length: 5 }, () => saveLastSeen(node, n % 2 === 0 ? moments : moments.toReversed())),
      ),
    );
    const rows = await readProfiles(
      store.database,
      people.map((user) => user.id),
    );
    const seen = new Map(rows.map((row) => [row.user_id, row.last_seen_at]));
    expect(moments.every(([userId, at]) => seen.get(userId) === at)).toBe(true);
  });
});
