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
}

export interface DatabaseSource extends AsyncDisposable {
  readonly kind: "embedded" | "PostgreSQL";
  /** Root of the server's processes; undefined for the embedded database, which has none. */
  readonly pid: number | undefined;
  create(): Promise<FreshDatabase>;
}

/** @param cores where its processes run */
export async function startPostgresSource(cores: string): Promise<DatabaseSource> {
  const home = temporaryDirectory();
  keepTo(cores);
  const server = await startPostgres(home.path);
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
        [Symbol.asyncDispose]: async () => files[Symbol.dispose](),
      };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
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
        [Symbol.asyncDispose]: async () => files[Symbol.dispose](),
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
