import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { createTestDatabase, temporaryDirectory } from "../../../tests/harness.ts";
import { kinds } from "../../../tests/stores.ts";
import { ConfigError } from "../config.ts";
import type { Database } from "./database.ts";
import { openEmbeddedDatabase } from "./embedded.ts";
import snapshot from "./migrations/meta/0005_snapshot.json" with { type: "json" };
import journal from "./migrations/meta/_journal.json" with { type: "json" };
import * as schema from "./schema.ts";
import { createServerDatabase } from "./server.ts";

const tables = [
  ...[
    "chats",
    "drafts",
    "members",
    "mentions",
    "messages",
    "read_marks",
    "sessions",
    "used_tickets",
    "users",
  ],
];

async function describeTables(database: Database): Promise<unknown[]> {
  return database.query(
    `select table_name::text, column_name::text, data_type::text, is_nullable::text, column_default::text
    from information_schema.columns where table_schema = 'public' order by 1, 2`,
  );
}

async function describeIndexes(database: Database): Promise<unknown[]> {
  return database.query(
    "select indexname::text, indexdef from pg_indexes where schemaname = 'public' order by 1",
  );
}

describe.each(kinds)("migrating the %s database", (kind) => {
  const open: Database[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((database) => database[Symbol.asyncDispose]()));
  });

  /** As many nodes on one new, empty database as it may have. */
  async function openEmpty(): Promise<[Database, ...Database[]]> {
    if (kind === "embedded") open.push(await openEmbeddedDatabase(join(temporaryDirectory(), "database")));
    else {
      const url = createTestDatabase();
      open.push(...[1, 2, 3].map(() => createServerDatabase({ url, poolSize: 2 })));
    }
    return open as [Database, ...Database[]];
  }

  test("makes the tables once, also by several nodes at once, and again changes nothing", async () => {
    const nodes = await openEmpty();
    const [database] = nodes;
    await Promise.all(nodes.map((node) => node.migrate()));
    const made = await describeTables(database);
    const names = new Set(made.map((column) => (column as { table_name: string }).table_name));
    expect([...names]).toEqual(tables);
    const applied = () => database.query<{ hash: string }>("select hash from drizzle.__drizzle_migrations");
    expect(await applied()).toHaveLength(journal.entries.length);
    await Promise.all(nodes.map((node) => node.migrate()));
    expect(await describeTables(database)).toEqual(made);
    expect(await applied()).toHaveLength(journal.entries.length);
  });

  test("refuses a database that is newer than the program, in a sentence, and leaves it alone", async () => {
    const [database] = await openEmpty();
    await database.migrate();
    const newest = Math.max(...journal.entries.map((entry) => entry.when));
    await database.query("insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', $1)", [
      newest + 1,
    ]);
    const made = await describeTables(database);
    const refused = await database.migrate().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect((refused as Error).message).toBe(
      "The database was written by a newer version of this program; start that version, or restore a backup from before",
    );
    expect(await describeTables(database)).toEqual(made);
    // The lock was given back: the next one to try is refused too, and does not wait.
    expect(await database.migrate().catch((error: unknown) => error)).toBeInstanceOf(ConfigError);
  });
});

describe("the migrations", () => {
  test("make the same tables and indexes in both databases", async () => {
    await using embedded = await openEmbeddedDatabase(join(temporaryDirectory(), "database"));
    await using server = createServerDatabase({ url: createTestDatabase(), poolSize: 2 });
    await Promise.all([embedded.migrate(), server.migrate()]);
    expect(await describeTables(embedded)).toEqual(await describeTables(server));
    expect(await describeIndexes(embedded)).toEqual(await describeIndexes(server));
  });

  test("end where the schema is: nothing is left to generate", async () => {
    type Snapshot = Parameters<typeof generateMigration>[0];
    expect(journal.entries).toHaveLength(6);
    const current = generateDrizzleJson(schema, snapshot.id);
    expect(await generateMigration(snapshot as unknown as Snapshot, current)).toEqual([]);
  });
});
