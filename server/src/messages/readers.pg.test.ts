import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import { indexWays, openExplained, planningSettings, readingOf } from "../../../tests/plans.ts";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { insertMembers } from "../chats/members.store.ts";
import { readPage } from "./messages.store.ts";
import { findReaders } from "./readers.store.ts";
import { recordReads } from "./reads.store.ts";

const whole = { kind: "first", seq: 1, limit: 100 } as const;

async function createChat(store: Store, people: readonly UserInfo[], count: number) {
  const [creator] = people as [UserInfo];
  const chat = await store.group(people);
  await store.append(chat, creator, Array.from({ length: count }, String));
  const ids = ((await readPage(store.database, chat, creator.id, whole)) ?? []).map(({ id }) => id);
  const read = (user: UserInfo, seq: number) =>
    recordReads(store.database, [{ chatId: chat, userId: user.id, messageId: ids[seq - 1]! }]);
  const readers = (seq: number, by: UserInfo = creator) =>
    findReaders(store.database, chat, by.id, ids[seq - 1] ?? crypto.randomUUID());
  return { chat, ids, read, readers };
}

describe.each(kinds)("readers of a message on the %s database", (kind) => {
  let store: Store;
  let people: UserInfo[];
  beforeAll(async () => {
    store = await openStore(kind);
    people = await store.people(5);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test("are those whose pointer is at or after it, the latest first, without the sender", async () => {
    const [alice, bob, carol, dora] = people as [UserInfo, UserInfo, UserInfo, UserInfo];
    const { read, readers } = await createChat(store, people, 3);
    expect(await readers(1)).toEqual({ readers: [], count: 0 });
    await read(alice, 3);
    await read(bob, 2);
    await read(carol, 3);
    await read(dora, 1);
    expect(await readers(1, dora)).toEqual({ readers: [dora, carol, bob], count: 3 });
    expect(await readers(2)).toEqual({ readers: [carol, bob], count: 2 });
    expect(await readers(3)).toEqual({ readers: [carol], count: 1 });
  });

  test("are not those who came later, nor those who left", async () => {
    const [alice, bob, carol, dora] = people as [UserInfo, UserInfo, UserInfo, UserInfo];
    const { chat, read, readers } = await createChat(store, [alice, bob, carol], 2);
    for (const user of [bob, carol]) await read(user, 2);
    await store.database.query("delete from members where chat_id = $1 and user_id = $2", [chat, carol.id]);
    await store.database.query("update messages set created_at = now() - interval '1 s' where chat_id = $1", [
      chat,
    ]);
    await store.database.query("update members set joined_at = now() - interval '2 s' where chat_id = $1", [
      chat,
    ]);
    await store.database.begin((db) => insertMembers(db, chat, [dora.id]));
    expect(await readers(2)).toEqual({ readers: [bob], count: 1 });
    expect(await readers(2, dora)).toEqual({ readers: [bob], count: 1 });
  });

  test("are told to members alone, of messages of this chat alone", async () => {
    const [alice, bob, , , eve] = people as [UserInfo, UserInfo, UserInfo, UserInfo, UserInfo];
    const { chat, ids, readers } = await createChat(store, [alice, bob], 1);
    const other = await createChat(store, [alice, bob], 1);
    expect(await readers(1, eve)).toBe("no_chat");
    expect(await readers(9)).toBe("no_message");
    expect(await findReaders(store.database, chat, alice.id, other.ids[0]!)).toBe("no_message");
    expect(await findReaders(store.database, crypto.randomUUID(), alice.id, ids[0]!)).toBe("no_chat");
  });
});

describe("readers of a message in a group of 5000", () => {
  const size = 5000;
  let store: Store;
  beforeAll(async () => {
    store = await openStore("server");
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test("are a hundred and a count, read from this group alone", async () => {
    const [alice] = (await store.people(1)) as [UserInfo];
    const { chat, ids } = await createChat(store, [alice], 2);
    await store.database.query(
      `with people as (
        insert into users (id, name, email, email_key, password_hash)
        select gen_random_uuid(), 'Person', n || '@example.org', n || '@example.org', '-'
        from generate_series(1, 2 * $2::int) n returning id
      )
      insert into members (chat_id, user_id, role, read_seq, read_at, joined_at)
      select $1::uuid, id, 'member', 2, now(), '2026-01-01' from people limit $2::int`,
      [chat, size],
    );
    const others = await Promise.all(Array.from({ length: 6 }, () => store.group([alice])));
    await store.database.query(
      `insert into members (chat_id, user_id, role)
      select c, id, 'member' from unnest($1::uuid[]) c, users on conflict do nothing`,
      [others],
    );
    await store.database.query(
      `insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
      select $1::uuid, n, gen_random_uuid(), $2::uuid, '', n, now() from generate_series(1, 5000) n`,
      [others[0], alice.id],
    );
    await store.database.query("analyze");
    for (const settings of Object.values(planningSettings)) {
      const explained = openExplained(store.url ?? "", settings);
      await explained.database.query("select 1");
      explained.plans.length = 0;
      const found = await findReaders(explained.database, chat, alice.id, ids[0]!);
      expect(found).toMatchObject({ count: size, readers: { length: 100 } });
      expect(explained.plans).toHaveLength(1);
      for (const [table, most] of Object.entries({ members: size + 2, users: 100, messages: 1 })) {
        const { ways, rows } = readingOf(explained.plans, table);
        expect([table, ...ways.filter((way) => !indexWays.includes(way))]).toEqual([table]);
        expect({ table, rows: Math.min(rows, most) }).toEqual({ table, rows });
      }
      await explained.end();
    }
  });
});
