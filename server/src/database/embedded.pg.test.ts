import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { fsyncSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { prepareEmbedded, temporaryDirectory } from "../../../tests/harness.ts";
import { until } from "../../../tests/until.ts";
import type { Database } from "./database.ts";
import { openEmbeddedDatabase } from "./embedded.ts";
import { createEngine } from "./embedded-engine.ts";
import { databaseFailure } from "./failures.ts";

/** A disk that counts how often it is asked to write what it holds, and that can refuse to. */
function createDisk() {
  const disk = { syncs: 0, isBroken: false };
  const sync = (descriptor: number) => {
    disk.syncs++;
    if (disk.isBroken) throw Object.assign(new Error("The disk is broken"), { code: "EIO" });
    fsyncSync(descriptor);
  };
  return { disk, sync };
}

describe("the embedded database", () => {
  const { disk, sync } = createDisk();
  let path: string;
  let database: Database;

  beforeAll(async () => {
    const directory = temporaryDirectory();
    await prepareEmbedded(directory);
    path = join(directory, "database");
    database = await openEmbeddedDatabase(path, { sync });
    await database.query("create table notes (id serial primary key, text text not null)");
  });
  afterAll(() => database[Symbol.asyncDispose]());

  async function syncsDuring(work: () => Promise<unknown>): Promise<number> {
    const before = disk.syncs;
    await work();
    return disk.syncs - before;
  }
  const insert = "insert into notes (text) values ('text')";
  const count = async () => {
    const [row] = await database.query<{ count: number }>("select count(*)::int as count from notes");
    return row?.count ?? 0;
  };

  test("brings each commit to the disk, whichever way it is made", async () => {
    expect(await syncsDuring(() => database.query(insert))).toBe(1);
    expect(await syncsDuring(() => database.orm.execute(sql.raw(insert)))).toBe(1);
    const inTransaction = () =>
      database.begin(async (transaction) => {
        await transaction.query(insert);
        await transaction.query(insert);
      });
    expect(await syncsDuring(inTransaction)).toBe(1);
    const inOrm = () => database.orm.transaction((db) => db.execute(sql.raw(insert)));
    expect(await syncsDuring(inOrm)).toBe(1);
    for (let n = 0; n < 20; n++) expect(await syncsDuring(() => database.query(insert))).toBeGreaterThan(0);
  });

  test("needs no disk to read, nor to roll back", async () => {
    expect(await syncsDuring(count)).toBe(0);
    const rolledBack = () =>
      database.begin(async (transaction) => {
        await transaction.query(insert);
        throw new Error("no");
      });
    expect(await syncsDuring(() => rolledBack().catch(() => {}))).toBe(0);
  });

  test("goes on after a statement that fails", async () => {
    const before = await count();
    const failed = database.query("insert into notes (text) values (null)").catch((error: unknown) => error);
    expect(await failed).toMatchObject({ code: "23502" });
    expect(await count()).toBe(before);
  });

  test("acknowledges nothing that the disk refuses, refuses until it is well again, and is back by itself", async () => {
    const before = await count();
    const files = () => readdirSync("/dev/fd").length;
    const filesBefore = files();
    disk.isBroken = true;
    const ways = [
      () => database.query(insert),
      () => database.query("select 1"),
      () => database.orm.transaction((db) => db.execute(sql.raw(insert))),
      () => database.begin((transaction) => transaction.query(insert)),
    ];
    for (const way of ways) {
      const error = await way().catch((reason: unknown) => reason);
      expect(databaseFailure(error)).toMatchObject({ code: "unavailable", retryAfterSeconds: 2 });
    }
    expect(files()).toBeLessThan(filesBefore);
    disk.isBroken = false;
    // What was refused may have reached the disk all the same.
    expect([before, before + 1]).toContain(await until(count));
    expect(files()).toBeLessThanOrEqual(filesBefore);
    expect(await syncsDuring(() => database.query(insert))).toBe(1);
    expect(await until(count)).toBeGreaterThan(before);
  });

  test("tells what PostgreSQL complained about when it ended", async () => {
    disk.isBroken = true;
    const error = await database.query(insert).catch((reason: unknown) => reason);
    expect((error as Error).message).toMatch(
      /^The embedded database does not run \(PANIC: .*could not fsync file/,
    );
    disk.isBroken = false;
    await until(count);
  });

  test("does not run two statements in each other's transaction", async () => {
    const before = await count();
    const inside = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const rolledBack = database
      .begin(async (transaction) => {
        await transaction.query(insert);
        inside.resolve();
        await go.promise;
        throw new Error("no");
      })
      .catch(() => {});
    await inside.promise;
    const others = [database.query(insert), database.orm.execute(sql.raw(insert))];
    go.resolve();
    await Promise.all([rolledBack, ...others]);
    expect(await count()).toBe(before + 2);
  });
});

test("the embedded database's log does not grow for ever", async () => {
  const directory = temporaryDirectory();
  await prepareEmbedded(directory);
  const path = join(directory, "database");
  await using engine = createEngine({ path, checkpointCheckMs: 20, checkpointBytes: 1024 * 1024 });
  const client = await engine.client();
  await client.query("create table notes (text text not null)");
  const redo = async () => {
    const { rows } = await client.query<{ at: string }>(
      "select redo_lsn::text as at from pg_control_checkpoint()",
    );
    return rows[0]?.at;
  };
  const before = await redo();
  await client.query("insert into notes select repeat(md5(n::text), 60) from generate_series(1, 1000) n");
  expect(await until(async () => (await redo()) !== before)).toBe(true);
});
