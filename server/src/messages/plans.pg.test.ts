import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Position, UserInfo } from "@windi/protocol";
import {
  indexWays,
  openExplained,
  planningSettings,
  readingOf,
  type Explained,
} from "../../../tests/plans.ts";
import { newRow, openStore, type Store } from "../../../tests/stores.ts";
import { planning, type Database, type Queries } from "../database/database.ts";
import { appendRows } from "./append.store.ts";
import { createEditor } from "./edits.ts";
import { createLanes } from "./lanes.ts";
import { readPage } from "./messages.store.ts";
import { recordReads } from "./reads.store.ts";
import { createGaps } from "./gaps.ts";
import { createSync } from "./sync.ts";

const messageCount = 100_000;
const chatCount = 10;

describe(`the plans for a log of ${messageCount} messages`, () => {
  let store: Store;
  let url: string;
  let alice: UserInfo;
  let bob: UserInfo;
  let chats: string[];
  /** A connection whose plans were made when the tables were empty. */
  let early: Explained;

  beforeAll(async () => {
    store = await openStore("server");
    url = store.url ?? "";
    [alice, bob] = (await store.people(2)) as [UserInfo, UserInfo];
    chats = await Promise.all(Array.from({ length: chatCount }, () => store.group([alice, bob])));
    early = openExplained(url, planning);
    for (const work of [append(1), append(500), mention, page("last"), read, change, catchUp(10)])
      await work(early.database);
    await store.database.query(
      `insert into messages (chat_id, seq, id, sender_id, text, idempotency_key, version, created_at)
      select c.id, c.last_seq + n, gen_random_uuid(), $1::uuid, 'message ' || n, 'key ' || n, c.last_seq + n, now()
      from chats c, generate_series(1, $2::int) n`,
      [alice.id, messageCount / chatCount],
    );
    await store.database.query(
      "update chats set last_seq = last_seq + $1::int, version = version + $1::int",
      [messageCount / chatCount],
    );
    await store.database.query(`
      with crowd as (
        insert into users (id, name, email, email_key, password_hash)
        select gen_random_uuid(), 'Person', n, n, 'none' from generate_series(1, 2000) n returning id
      )
      insert into members (chat_id, user_id, role) select chats.id, crowd.id, 'member' from chats, crowd`);
    await store.database.query(
      "insert into mentions (chat_id, user_id, seq) select chat_id, $1::uuid, seq from messages on conflict do nothing",
      [bob.id],
    );
    await store.database.query(
      "update messages set edited_at = now() where seq % 100 = 0 and seq < $1::int",
      [messageCount / chatCount],
    );
    // By these, the statistics take everybody for somebody who has hardly written in any chat.
    await store.database.query(`
      insert into messages (chat_id, seq, id, sender_id, text, idempotency_key, version, created_at)
      select gen_random_uuid(), 1, gen_random_uuid(), id, 'message', 'key', 1, now()
      from users, generate_series(1, 5)`);
  });
  afterAll(async () => {
    await early.end();
    await store[Symbol.asyncDispose]();
  });

  const append = (count: number) => async (queries: Queries) => {
    const rows = Array.from({ length: count }, (_, n) =>
      newRow({ chatId: chats[n % chatCount]!, senderId: alice.id, idempotencyKey: crypto.randomUUID() }),
    );
    const appended = await appendRows(queries, rows);
    expect(appended.every((one) => one.outcome === "stored")).toBe(true);
  };
  const page = (kind: "first" | "last" | "around") => async (queries: Queries) => {
    const middle = kind === "last" ? 2_147_483_647 : messageCount / chatCount / 2;
    const messages = await readPage(queries, chats[0]!, bob.id, { kind, seq: middle, limit: 50 });
    expect(messages?.length).toBeGreaterThan(0);
  };
  async function read(database: Database): Promise<void> {
    const newest = { kind: "last", seq: 2_147_483_647, limit: 1 } as const;
    const [message] = (await readPage(database, chats[1]!, bob.id, newest)) ?? [];
    await recordReads(database, [{ chatId: chats[1]!, userId: bob.id, messageId: message!.id }]);
  }

  async function mention(queries: Queries): Promise<void> {
    const rows = Array.from({ length: 100 }, (_, n) =>
      newRow({ chatId: chats[n % chatCount]!, senderId: alice.id, mentions: [bob.id, crypto.randomUUID()] }),
    );
    const appended = await appendRows(queries, rows);
    expect(appended).toMatchObject(rows.map(() => ({ outcome: "stored", mentions: [bob.id] })));
  }
  /** Ten edits of ten messages, each of which mentions somebody else after it. */
  async function change(database: Database): Promise<void> {
    const editor = createEditor<undefined>({ database, lanes: createLanes(1), onChanged: () => {} });
    const changes = chats.map(async (chatId) => {
      const row = newRow({ chatId, senderId: alice.id, mentions: [bob.id] });
      await appendRows(store.database, [row]);
      const edit = { chatId, messageId: row.id, user: alice, text: crypto.randomUUID(), mentions: [] };
      return editor.edit(edit, undefined);
    });
    for (const { isChanged } of await Promise.all(changes)) expect(isChanged).toBe(true);
  }
  /** In ten chats, `missed` messages and as many edits. */
  const catchUp = (missed: number) => async (database: Database) => {
    const now = await store.database.query<Position>(
      "select id as chat_id, last_seq as seq, version from chats where id = any($1::uuid[])",
      [chats],
    );
    const positions = now.map(({ chat_id, seq, version }) => ({
      chat_id,
      ...{ seq: Math.max(0, seq - missed), version: Math.max(0, version - 2 * missed) },
    }));
    const sync = createSync({ database, gaps: createGaps(() => () => {}) });
    const answer = await sync.catchUp(bob.id, positions);
    expect(answer.deferred).toEqual([]);
    expect(answer.chats.every((chat) => chat.outcome === (missed > 200 ? "resync" : "changes"))).toBe(true);
  };

  /** Name → what is done, and how many rows of a table it may look at. */
  const works: Record<string, [(database: Database) => Promise<void>, mostRows: number]> = {
    "appending one message": [append(1), 2],
    "appending 500 messages": [append(500), 1000],
    "appending 100 messages that mention somebody": [mention, 400],
    "editing ten messages": [change, 60],
    "catching up on nothing": [catchUp(0), 10],
    "catching up in ten chats": [catchUp(10), 600],
    "catching up too late": [catchUp(1000), 10],
    "the newest page": [page("last"), 51],
    "a page in the middle": [page("around"), 51],
    "a page from an offset": [page("first"), 51],
    "a read": [read, 4],
  };

  async function check(explained: Explained): Promise<void> {
    for (const [work, mostRows] of Object.values(works)) {
      explained.plans.length = 0;
      await work(explained.database);
      for (const table of ["messages", "mentions", "members"]) {
        const { ways, rows } = readingOf(explained.plans, table);
        expect(indexWays).toEqual(expect.arrayContaining(ways));
        expect(rows).toBeLessThanOrEqual(mostRows);
      }
      expect(explained.plans.length).toBeGreaterThan(0);
    }
  }

  test("that were made while the tables were empty keep to the indexes", async () => {
    await check(early);
  });

  test.each(Object.keys(planningSettings))("keep to the indexes %s", async (name) => {
    await store.database.query("analyze");
    const explained = openExplained(url, planningSettings[name]);
    await check(explained);
    await explained.end();
  });

  test("show it when a statement reads the whole log", async () => {
    const explained = openExplained(url, {});
    await explained.database.query("select count(*) from messages where text = 'nowhere'");
    expect(readingOf(explained.plans, "messages").rows).toBeGreaterThanOrEqual(messageCount);
    await explained.end();
  });
});
