// A fresh, populated database for each run, embedded or on a PostgreSQL server of the benchmark's own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../server/src/database/database.ts";
import { openEmbeddedDatabase } from "../server/src/database/embedded.ts";
import { createServerDatabase } from "../server/src/database/server.ts";
import { prepareEmbedded } from "../tests/harness.ts";
import { startPostgres } from "../tests/postgres.ts";
import { generatorCore, keepTo, temporaryDirectory } from "./programs.ts";

export interface FreshDatabase extends AsyncDisposable {
  /** What tells the server where it is. */
  readonly environment: Record<string, string>;
  /** Opens it from here; not while a server runs on an embedded one. */
  open(): Promise<Database>;
  /** What PostgreSQL was asked to do since it was asked this last; for a source that counts. */
  takeStatements(): Promise<Statements>;
}

export interface Statements {
  count: number;
  /** Records of changes written ahead: about one per row, index entry and commit. */
  changes: number;
}

export interface DatabaseSource extends AsyncDisposable {
  readonly kind: "embedded" | "PostgreSQL";
  /** Root of the server's processes; undefined for the embedded database, which has none. */
  readonly pid: number | undefined;
  create(): Promise<FreshDatabase>;
}

/**
 * @param cores where its processes run
 * @param counts whether it counts statements, which costs it some microseconds for each
 */
export async function startPostgresSource(cores: string, counts = false): Promise<DatabaseSource> {
  const home = temporaryDirectory();
  keepTo(cores);
  const server = await startPostgres(home.path);
  if (counts) {
    const { url } = server;
    await run(url, "alter system set shared_preload_libraries = 'pg_stat_statements'");
    await server.stopNow();
    await server.start();
    await run(url, "create extension pg_stat_statements");
  }
  const pid = Number(readFileSync(join(home.path, "data/postmaster.pid"), "utf8").split("\n")[0]);
  keepTo(generatorCore);
  return {
    kind: "PostgreSQL",
    pid,
    async create() {
      const url = server.createDatabase();
      const files = temporaryDirectory();
      const open = () => Promise.resolve(createServerDatabase({ url, poolSize: 4 }));
      await using database = await open();
      await database.migrate();
      return {
        environment: { DATABASE_URL: url, DATA_DIR: files.path },
        open,
        async takeStatements() {
          const [statements] = await run<Statements>(server.url, countStatements, [url.split("/").at(-1)]);
          await run(server.url, "select pg_stat_statements_reset()");
          return statements ?? { count: 0, changes: 0 };
        },
        [Symbol.asyncDispose]: async () => files[Symbol.dispose](),
      };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

const countStatements = `
select coalesce(sum(calls), 0)::float8 as count, coalesce(sum(wal_records), 0)::float8 as changes
from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = $1`;

async function run<Row = never>(url: string, statement: string, values: unknown[] = []): Promise<Row[]> {
  await using database = createServerDatabase({ url, poolSize: 2 });
  return await database.query<Row>(statement, values);
}

export function createEmbeddedSource(): DatabaseSource {
  return {
    kind: "embedded",
    pid: undefined,
    async create() {
      const files = temporaryDirectory();
      await prepareEmbedded(files.path);
      return {
        environment: { DATA_DIR: files.path },
        open: () => openEmbeddedDatabase(join(files.path, "database")),
        takeStatements: () => Promise.reject(new Error("The embedded database does not count statements")),
        [Symbol.asyncDispose]: async () => files[Symbol.dispose](),
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
