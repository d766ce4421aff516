// Brings the tables up to date under an advisory lock, and refuses a database that is newer than this program.
import { sql } from "drizzle-orm";
import type { MigrationConfig } from "drizzle-orm/migrator";
import { ConfigError } from "../config.ts";
import type { Orm } from "./database.ts";
import journal from "./migrations/meta/_journal.json" with { type: "json" };

const migrationsFolder = new URL("./migrations", import.meta.url).pathname;

/** Any number that no other program on the same database uses: "windi" on a telephone's keys. */
const lockKey = 94634;

/**
 * @param orm one connection, which keeps the session's lock
 * @param apply the driver's own migrator
 */
export async function migrate<O extends Orm>(
  orm: O,
  apply: (orm: O, config: MigrationConfig) => Promise<void>,
): Promise<void> {
  await orm.execute(sql`select pg_advisory_lock(${lockKey})`);
  try {
    await refuseNewer(orm);
    await apply(orm, { migrationsFolder });
  } finally {
    await orm.execute(sql`select pg_advisory_unlock(${lockKey})`);
  }
}

async function refuseNewer(orm: Orm): Promise<void> {
  const known = Math.max(...journal.entries.map((entry) => entry.when));
  const table = sql`to_regclass('drizzle.__drizzle_migrations')`;
  const [present] = rowsOf<{ present: boolean }>(
    await orm.execute(sql`select ${table} is not null as present`),
  );
  if (!present?.present) return;
  const [last] = rowsOf<{ created_at: string | null }>(
    await orm.execute(sql`select max(created_at)::text as created_at from drizzle.__drizzle_migrations`),
  );
  if (Number(last?.created_at ?? 0) > known) {
    throw new ConfigError(
      "The database was written by a newer version of this program; start that version, or restore a backup from before",
    );
  }
}

/** One driver answers with the rows, the other with an object that holds them. */
function rowsOf<Row>(result: unknown): Row[] {
  return (Array.isArray(result) ? result : (result as { rows: unknown[] }).rows) as Row[];
}
