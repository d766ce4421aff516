import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import postgres from "postgres";
import { newRow, openStore, type Store } from "../../../tests/stores.ts";
import { planning, type Database, type Queries } from "../database/database.ts";
import { appendRows } from "./append.store.ts";
import { readPage } from "./messages.store.ts";
import { recordReads } from "./reads.store.ts";

interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Plan[];
}

const messageCount = 100_000;
const chatCount = 10;

/** One connection that notes how each statement on it was really carried out. */
function openExplained(url: string, settings: Record<string, string>) {
  const plans: Plan[] = [];
  const client = postgres(url, {
    max: 1,
    fetch_types: true,
    connection: {
      session_preload_libraries: "auto_explain",
      "auto_explain.log_min_duration": "0",
      "auto_explain.log_analyze": "on",
      "auto_explain.log_timing": "off",
      "auto_explain.log_format": "json",
      "auto_explain.log_level": "notice",
      ...settings,
    },
    onnotice({ message }) {
      const json = message?.slice(message.indexOf("{"));
      if (json?.includes('"Plan"')) plans.push((JSON.parse(json) as { Plan: Plan }).Plan);
    },
  });
  const queriesOn = (connection: Pick<typeof client, "unsafe">): Queries => ({
    async query<Row>(statement: string, parameters: readonly unknown[] = []) {
      const rows = await connection.unsafe(statement, parameters as never[], { prepare: true });
      return rows as unknown as Row[];
    },
  });
  const database = {
    ...queriesOn(client),
    begin: (work: (transaction: Queries) => Promise<unknown>) =>
      client.begin((transaction) => work(queriesOn(transaction))),
  } as unknown as Database;
  return { database, plans, end: () => client.end() };
}

const allNodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(allNodes)];

/** What the plans read of the log. */
function readingOf(plans: readonly Plan[]) {
  const nodes = plans
    .flatMap(allNodes)
    .filter((node) => node["Relation Name"] === "messages" && node["Node Type"] !== "ModifyTable");
  const rows = nodes.map(
    (node) => (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"],
  );
  return {
    ways: [...new Set(nodes.map((node) => node["Node Type"]))],
    rows: rows.reduce((sum, count) => sum + count, 0),
  };
}

const indexWays = ["Index Scan", "Index Only Scan", "Bitmap Heap Scan"];

const settings = {
  "as the server sets it": planning,
  "with plans for the parameters": { ...planning, plan_cache_mode: "force_custom_plan" },
  "with general plans and sequential scans allowed": { plan_cache_mode: "force_generic_plan" },
  "with plans for the parameters and sequential scans allowed": { plan_cache_mode: "force_custom_plan" },
};

describe(`the plans for a log of ${messageCount} messages`, () => {
  let store: Store;
  let url: string;
  let alice: UserInfo;
  let bob: UserInfo;
  let chats: string[];
  /** A connection whose plans were made when the tables were empty. */
  let early: ReturnType<typeof openExplained>;

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

  async function check(explained: ReturnType<typeof openExplained>): Promise<void> {
    for (const [work, mostRows] of Object.values(works)) {
      explained.plans.length = 0;
      await work(explained.database);
      const { ways, rows } = readingOf(explained.plans);
      expect(indexWays).toEqual(expect.arrayContaining(ways));
      expect(rows).toBeLessThanOrEqual(mostRows);
      expect(explained.plans.length).toBeGreaterThan(0);
    }
  }

  test("that were made while the tables were empty keep to the indexes", async () => {
    await check(early);
  });

  test.each(Object.keys(settings))("keep to the indexes %s", async (name) => {
    await store.database.query("analyze");
    const explained = openExplained(url, settings[name as keyof typeof settings]);
    await check(explained);
    await explained.end();
  });

  test("show it when a statement reads the whole log", async () => {
    const explained = openExplained(url, {});
    await explained.database.query("select count(*) from messages where text = 'nowhere'");
    expect(readingOf(explained.plans).rows).toBeGreaterThanOrEqual(messageCount);
    await explained.end();
  });
});
