import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import {
  indexWays,
  openExplained,
  planningSettings,
  readingOf,
  type Explained,
} from "../../../tests/plans.ts";
import { openStore, type Store } from "../../../tests/stores.ts";
import { planning, type Queries } from "../database/database.ts";
import { insertPersonalChat } from "./members.store.ts";
import { readSummaries, readSummary } from "./summaries.store.ts";

const chatCount = 200;
const messageCount = 50_000;
const perChat = messageCount / chatCount;
/** Of each chat: unread by Bob, and of those deleted. */
const unread = perChat / 2;
const deleted = unread / 50;
const largeGroup = 5000;

describe(`the plans for summaries of ${chatCount} chats with ${messageCount} messages`, () => {
  let store: Store;
  let url: string;
  let alice: UserInfo;
  let bob: UserInfo;
  let group = Bun.randomUUIDv7();
  /** A connection whose plans were made when the tables were empty. */
  let early: Explained;
  /** One whose plans were made when nothing was edited or deleted yet. */
  let late: Explained;

  beforeAll(async () => {
    store = await openStore("server");
    url = store.url ?? "";
    [alice, bob] = (await store.people(2)) as [UserInfo, UserInfo];
    early = openExplained(url, planning);
    for (const { work } of Object.values(works)) await work(early.database);
    const query = (statement: string, ...parameters: unknown[]) =>
      store.database.query(statement, parameters);
    const groups = await Promise.all(Array.from({ length: chatCount - 1 }, () => store.group([alice, bob])));
    group = groups[0]!;
    await insertPersonalChat(store.database, Bun.randomUUIDv7(), alice.id, bob.id);
    await query(
      `insert into chats (id, type, title, creator_id)
      select gen_random_uuid(), 'group', 'Of others', $1::uuid from generate_series(1, 20000)`,
      alice.id,
    );
    await query(
      `with people as (
        insert into users (id, name, email, email_key, password_hash)
        select gen_random_uuid(), 'Person', n || '@example.org', n || '@example.org', '-'
        from generate_series(1, $2::int) n returning id
      )
      insert into members (chat_id, user_id, role) select $1::uuid, id, 'member' from people`,
      ...[group, largeGroup],
    );
    await query(
      `insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
      select c.id, n, gen_random_uuid(), $1::uuid, 'text', n, now()
      from chats c, generate_series(1, $2::int) n where c.member_count > 0`,
      ...[alice.id, perChat],
    );
    await query("update chats set last_seq = $1::int, version = $1::int where member_count > 0", perChat);
    await query("update members set read_seq = $2::int where user_id = $1", bob.id, perChat - unread);
    await query(
      `insert into mentions (chat_id, user_id, seq) select c.id, $1::uuid, n
      from chats c, generate_series(1, $2::int) n where c.member_count > 0`,
      ...[bob.id, perChat],
    );
    await query(
      `insert into read_marks (chat_id, rank, seq, user_id, read_at)
      select c.id, rank, n, $1::uuid, now()
      from chats c, generate_series(1, $2::int, 5) n, (values (1), (2)) r(rank) where c.member_count > 0`,
      ...[alice.id, perChat],
    );
    await query(
      `update members set pinned_at = now() where user_id = $1
      and chat_id in (select chat_id from members where user_id = $1 limit 20)`,
      bob.id,
    );
    await query(
      `insert into drafts (chat_id, user_id, text, updated_at)
      select chat_id, user_id, 'text', now() from members`,
    );
    await query("analyze");
    late = openExplained(url, planning);
    for (const { work } of Object.values(works)) await work(late.database);
    await query(
      "update messages set edited_at = now(), deleted_at = case when seq % 50 = 0 then now() end where seq % 2 = 0",
    );
  });
  afterAll(async () => {
    await early.end();
    await late.end();
    await store[Symbol.asyncDispose]();
  });

  /** What is read, and of how many chats. */
  const works: Record<string, { chats: number; work(queries: Queries): Promise<unknown> }> = {
    "the first page": { chats: 50, work: (queries) => readSummaries(queries, bob.id, 50) },
    "a page in the middle": {
      chats: 50,
      work: (queries) =>
        readSummaries(queries, bob.id, 50, {
          ...{ isPinned: true, lastActivityAtMs: Date.now() + 60_000, chatId: bob.id },
        }),
    },
    "all of them": { chats: chatCount, work: (queries) => readSummaries(queries, bob.id, 1000) },
    "one of them": { chats: 1, work: (queries) => readSummary(queries, bob.id, group) },
  };

  /** How much of each table may be read for this number of chats. */
  const most = (chats: number) => ({
    messages: chats * (2 + deleted),
    mentions: chats * 100,
    read_marks: chats * 2,
    users: chats * 2,
    drafts: chats,
    // The places of all chats are compared to find the latest ones.
    members: chatCount + 2,
    chats: chatCount,
  });

  async function check(explained: Explained): Promise<void> {
    // A new connection asks for the types first.
    await explained.database.query("select 1");
    for (const { chats, work } of Object.values(works)) {
      explained.plans.length = 0;
      await work(explained.database);
      expect(explained.plans).toHaveLength(1);
      for (const [table, mostRows] of Object.entries(most(chats))) {
        const { ways, rows } = readingOf(explained.plans, table);
        expect([table, ...ways.filter((way) => !indexWays.includes(way))]).toEqual([table]);
        expect({ table, rows: Math.min(rows, mostRows) }).toEqual({ table, rows });
      }
    }
  }

  test("that were made while the tables were empty keep to the indexes", async () => {
    await check(early);
  });

  test("that were made while nothing was edited or deleted keep to the indexes", async () => {
    await check(late);
  });

  test.each(Object.keys(planningSettings))("keep to the indexes %s", async (name) => {
    await store.database.query("analyze");
    const explained = openExplained(url, planningSettings[name]);
    await check(explained);
    await explained.end();
  });
});
