// The embedded database: PGlite in the data directory, synced to disk at each commit, in this process alone.
import { chmodSync, mkdirSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { migrate as applyMigrations } from "drizzle-orm/pglite/migrator";
import { withDeadline, type Database, type Queries } from "./database.ts";
import { SyncedFiles, startParameters } from "./embedded-files.ts";
import { migrate } from "./migrate.ts";
import * as schema from "./schema.ts";

/** @param path the directory of the database files; whoever calls holds the lock on the data directory */
export async function openEmbeddedDatabase(path: string): Promise<Database> {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  const client = await PGlite.create({
    fs: new SyncedFiles(path),
    startParams: startParameters(PGlite.defaultStartParams),
  });
  const orm = drizzle(client, { schema });

  const queriesOn = (connection: Pick<PGlite, "query">): Queries => ({
    async query<Row>(statement: string, parameters: readonly unknown[] = []) {
      return (await connection.query<Row>(statement, [...parameters])).rows;
    },
  });

  return {
    kind: "embedded",
    orm,
    ...queriesOn(client),
    begin: (work) => client.transaction((connection) => work(queriesOn(connection))),
    migrate: () => migrate(orm, applyMigrations),
    async ping(timeoutMs) {
      await withDeadline(client.query("select 1"), timeoutMs);
    },
    async [Symbol.asyncDispose]() {
      await client.close();
    },
  };
}
