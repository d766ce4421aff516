import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createStatements } from "./embedded-statements.ts";
import type { Queries } from "./database.ts";

/** The code of the error with which it fails. */
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

describe("prepared statements on the embedded database", () => {
  const directory = mkdtempSync(join(tmpdir(), "windi-statements-"));
  let client: PGlite;
  let statements: Queries;

  beforeAll(async () => {
    client = await PGlite.create(directory);
    statements = createStatements(client);
    await client.exec("create table things (id int primary key, name text)");
  });
  afterAll(async () => {
    await client.close();
    rmSync(directory, { recursive: true });
  });

  test("take and give the same values as PGlite's own queries", async () => {
    const statement = `
      select $1::int as whole, $2::text[] as texts, $3::uuid as id, $4::text as nothing, $5::boolean as truth,
        $6::float8 as real, $7::int[] as numbers`;
    const id = crypto.randomUUID();
    const parameters = [5, ["a", null, 'quote " and \\ and ы\u{1F44B}'], id, null, true, 1.5, [1, 2]];
    const rows = await statements.query(statement, parameters);
    expect(rows).toEqual((await client.query<object>(statement, parameters)).rows);
    expect(rows).toEqual([
      {
        ...{ whole: 5, texts: parameters[1], id, nothing: null, truth: true, real: 1.5, numbers: [1, 2] },
      },
    ]);
  });

  test("are parsed once, however often they run", async () => {
    const statement = "select $1::int + 1 as next";
    for (let turn = 0; turn < 3; turn++) {
      expect(await statements.query(statement, [turn])).toEqual([{ next: turn + 1 }]);
    }
    const known = await client.query("select 1 from pg_prepared_statements where statement = $1", [
      statement,
    ]);
    expect(known.rows).toHaveLength(1);
  });

  test("go on after one that cannot be parsed, bound or executed", async () => {
    expect(await codeOf(statements.query("selec 1"))).toBe("42601");
    expect(await codeOf(statements.query("select $1::uuid", ["none"]))).toBe("22P02");
    const insert = "insert into things (id) values ($1) returning id";
    expect(await statements.query(insert, [1])).toEqual([{ id: 1 }]);
    expect(await codeOf(statements.query(insert, [1]))).toBe("23505");
    expect(await statements.query(insert, [2])).toEqual([{ id: 2 }]);
  });

  test("belong to the transaction around them", async () => {
    const insert = "insert into things (id) values ($1)";
    const rolledBack = client.transaction(async () => {
      await statements.query(insert, [10]);
      throw Object.assign(new Error("not after all"), { code: "rolled back" });
    });
    expect(await codeOf(rolledBack)).toBe("rolled back");
    await client.transaction(() => statements.query(insert, [11]));
    expect(await statements.query("select id from things where id >= 10")).toEqual([{ id: 11 }]);
  });

  test("go on when their table changes", async () => {
    const select = "select name from things where id = $1";
    await statements.query("insert into things (id, name) values ($1, $2)", [20, "before"]);
    expect(await statements.query(select, [20])).toEqual([{ name: "before" }]);
    await client.exec("alter table things add column more text; create index on things (name)");
    expect(await statements.query(select, [20])).toEqual([{ name: "before" }]);
  });

  test("carry values of megabytes both ways", async () => {
    const long = "ы".repeat(1_500_000);
    expect(await statements.query("select $1::text as long", [long])).toEqual([{ long }]);
  });
});
