import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import { indexWays, openExplained, planningSettings, readingOf } from "../../../tests/plans.ts";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { insertUser } from "../accounts/accounts.store.ts";
import { insertPersonalChat } from "./members.store.ts";
import { createPeople } from "./people.ts";
import { mostMemberships } from "./people.store.ts";

async function person(
  store: Store,
  name: string,
  email = `${Bun.randomUUIDv7()}@example.org`,
): Promise<UserInfo> {
  const user = { id: Bun.randomUUIDv7(), name, email };
  await insertUser(store.database.orm, { ...user, passwordHash: "none" });
  return user;
}

describe.each(kinds)("finding people on the %s database", (kind) => {
  let store: Store;
  let alice: UserInfo;
  const names = [
    "Боб Жук",
    "Anna Bobrova",
    "BOB",
    "Kim O'Neil",
    "100% Ann_a",
    "Jean-Luc",
    "Łukasz 王明",
    "Robbo",
  ];

  beforeAll(async () => {
    store = await openStore(kind);
    alice = await person(store, "Alice Bob");
    const friends = [];
    for (const name of names) friends.push(await person(store, name));
    await store.group([alice, ...friends]);
    // In two chats with her: found once.
    await store.group([alice, ...friends.slice(0, 4)]);
    for (const friend of friends.slice(4))
      await insertPersonalChat(store.database, Bun.randomUUIDv7(), friend.id, alice.id);
    const strangers = [await person(store, "Bob Stranger"), friends[0]!];
    await store.group(strangers);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const find = async (query: string, limit = 20) =>
    (await createPeople(store).find(alice, { query, limit })).map(({ name }) => name);

  test.each([
    ["bob", ["BOB", "Anna Bobrova"]],
    ["боб", ["Боб Жук"]],
    ["ЖУ", ["Боб Жук"]],
    ["ann", ["Anna Bobrova", "100% Ann_a"]],
    ["bob ann", ["Anna Bobrova"]],
    ["anna bob", ["Anna Bobrova"]],
    ["neil", ["Kim O'Neil"]],
    ["o'n", ["Kim O'Neil"]],
    ["luc", ["Jean-Luc"]],
    ["łuk", ["Łukasz 王明"]],
    ["王", ["Łukasz 王明"]],
    ["100%", ["100% Ann_a"]],
    ["%", []],
    ["_", []],
    ["ann_", ["100% Ann_a"]],
    [".", []],
    [".*", []],
    ["(", []],
    ["\\", []],
    ["alice", []],
    ["stranger", []],
    ["   ", []],
  ])("%p finds %p", async (query, found) => {
    expect(await find(query)).toEqual(found);
  });

  test("no more than asked for, and those whose name begins so first", async () => {
    const [bob] = await find("bob", 1);
    expect(bob).toBe("BOB");
    expect(await find("a", 2)).toHaveLength(2);
  });

  test("anybody is found by the whole address, as signing in compares it, and by no part of it", async () => {
    const stranger = await person(store, "Dora", `Dora.${kind}@Example.org`);
    const byAddress = (query: string) => createPeople(store).find(alice, { query, limit: 5 });
    expect(await byAddress(` dora.${kind}@EXAMPLE.org `)).toEqual([stranger]);
    for (const part of [
      `dora.${kind}@example.or`,
      `ora.${kind}@example.org`,
      `dora.%@example.org`,
      "@",
      "example.org",
    ])
      expect(await byAddress(part)).toEqual([]);
    expect(await byAddress(alice.email)).toEqual([]);
  });

  test("who has left shares nothing any more", async () => {
    const [dora, eve] = [await person(store, "Dora Quill"), await person(store, "Eve Quill")];
    const group = await store.group([dora, eve]);
    const find = () => createPeople(store).find(dora, { query: "quill", limit: 5 });
    expect(await find()).toEqual([eve]);
    await store.database.query("delete from members where chat_id = $1 and user_id = $2", [group, eve.id]);
    expect(await find()).toEqual([]);
  });
});

describe("finding people among many", () => {
  const largeGroup = 10_000;
  const chatCount = 1000;
  let store: Store;
  let alice: UserInfo;

  beforeAll(async () => {
    store = await openStore("server");
    alice = await person(store, "Alice");
    await store.database.query(
      `insert into users (id, name, email, email_key, password_hash)
      select gen_random_uuid(), 'Person ' || n, n || '@example.org', n || '@example.org', '-'
      from generate_series(1, 40000) n`,
    );
    const groups = await Promise.all(Array.from({ length: chatCount }, () => store.group([alice])));
    await store.database.query(
      `insert into members (chat_id, user_id, role)
      select g.id, u.id, 'member' from unnest($1::uuid[]) with ordinality g(id, n)
      cross join lateral generate_series(g.n, g.n + case when g.n = 1 then ${largeGroup} else 12 end) k
      join users u on u.email_key = k || '@example.org' on conflict do nothing`,
      [groups],
    );
    await store.database.query(
      "update chats c set member_count = (select count(*) from members where chat_id = c.id)",
    );
    await store.database.query("analyze");
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test.each(Object.keys(planningSettings))(
    "reads only whom the chats name, and not all of them: %s",
    async (name) => {
      const explained = openExplained(store.url ?? "", planningSettings[name]);
      await explained.database.query("select 1");
      explained.plans.length = 0;
      const people = createPeople({ database: explained.database });
      expect(await people.find(alice, { query: "person", limit: 50 })).toHaveLength(50);
      expect(explained.plans).toHaveLength(1);
      for (const [table, mostRows] of Object.entries({
        users: mostMemberships,
        members: mostMemberships + chatCount,
        chats: chatCount,
      })) {
        const { ways, rows } = readingOf(explained.plans, table);
        expect([table, ...ways.filter((way) => !indexWays.includes(way))]).toEqual([table]);
        expect({ table, rows: Math.min(rows, mostRows) }).toEqual({ table, rows });
      }
      await explained.end();
    },
  );
});
