import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
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
import { readPage } from "./messages.store.ts";
import { recordReads } from "./reads.store.ts";

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
    for (const work of [append(1), append(500), page("last"), read]) await work(early.database);
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

  /** Name → what is done, and how many rows of the log it may look at. */
  const works: Record<string, [(database: Database) => Promise<void>, mostRows: number]> = {
    "appending one message": [append(1), 2],
    "appending 500 messages": [append(500), 1000],
    "the newest page": [page("last"), 51],
    "a page in the middle": [page("around"), 51],
    "a page from an offset": [page("first"), 51],
    "a read": [read, 4],
  };

  async function check(explained: Explained): Promise<void> {
    for (const [work, mostRows] of Object.values(works)) {
      explained.plans.length = 0;
      await work(explained.database);
      const { ways, rows } = readingOf(explained.plans, "messages");
      expect(indexWays).toEqual(expect.arrayContaining(ways));
      expect(rows).toBeLessThanOrEqual(mostRows);
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
