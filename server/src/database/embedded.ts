// The embedded database: PGlite in the data directory, synced to disk at each commit, in this process alone.
import type { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { migrate as applyMigrations } from "drizzle-orm/pglite/migrator";
import {
  watched,
  watchedInside,
  withDeadline,
  type Database,
  type Queries,
  type WatchStatement,
} from "./database.ts";
import { createEngine } from "./embedded-engine.ts";
import type { Sync } from "./embedded-files.ts";
import { createStatements } from "./embedded-statements.ts";
import { migrate } from "./migrate.ts";
import * as schema from "./schema.ts";

/**
 * Starts it, and makes it at the first start. Whenever it does not run, the next query starts it again.
 * @param path the directory of the database files; whoever calls holds the lock on the data directory
 * @param sync how a file is brought to the disk, if not by fsync
 */
export async function openEmbeddedDatabase(
  path: string,
  { sync, onStatement }: { sync?: Sync; onStatement?: WatchStatement } = {},
): Promise<Database> {
  const engine = createEngine({ path, sync });
  // A failure is told to whoever asks the first query.
  await engine.client().catch(() => {});
  const seen = <T>(statement: string, work: () => Promise<T>) =>
    watched(onStatement, statement, false, work());
  const client: Pick<PGlite, "query" | "transaction"> = {
    query: (...query) => seen(query[0], async () => (await engine.client()).query(...query)),
    transaction: (work) => seen("begin", async () => (await engine.client()).transaction(work)),
  };
  // Drizzle needs no more of PGlite than these two.
  const orm = drizzle(client as PGlite, { schema });

  /** Statements are prepared anew after each start. */
  const prepared = new WeakMap<PGlite, Queries>();
  function statementsOn(running: PGlite): Queries {
    const statements = prepared.get(running) ?? createStatements(running);
    prepared.set(running, statements);
    return statements;
  }

  return {
    kind: "embedded",
    orm,
    query: <Row>(statement: string, parameters?: readonly unknown[]) =>
      seen(statement, async () => {
        const running = await engine.client();
        return running._runExclusiveTransaction(() =>
          statementsOn(running).query<Row>(statement, parameters),
        );
      }),
    begin: (work) =>
      seen("begin", async () => {
        const running = await engine.client();
        return running.transaction(() => work(watchedInside(statementsOn(running), onStatement)));
      }),
    migrate: () => migrate(orm, applyMigrations),
    get isUp() {
      return engine.isUp;
    },
    async ping(timeoutMs) {
      await withDeadline(client.query("select 1"), timeoutMs);
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
