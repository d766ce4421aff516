// The database on a PostgreSQL server. The only file that names its driver.
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as applyMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { ConfigError } from "../config.ts";
import {
  planning,
  watched,
  watchedInside,
  withDeadline,
  type Database,
  type Queries,
  type WatchStatement,
} from "./database.ts";
import { codeOf } from "./failures.ts";
import { migrate } from "./migrate.ts";
import * as schema from "./schema.ts";
import { createWatch } from "./server-watch.ts";

interface ServerDatabaseNeeds {
  url: string;
  /** Greatest number of connections of this node, but for one with which it watches the server. */
  poolSize: number;
  onStatement?: WatchStatement | undefined;
}

const connectTimeoutSeconds = 5;
const statementTimeoutMs = 15_000;
const watchIntervalMs = 1000;
/** A server that does not answer `select 1` for so long is gone, whatever TCP believes. */
const answerTimeoutMs = 5000;

const tooManyConnections = "53300";

/** Codes that no waiting mends: wrong password, no such role, no such database. */
const permanent: Record<string, string> = {
  "28P01": "PostgreSQL refuses the password; check POSTGRES_USER and POSTGRES_PASSWORD, or DATABASE_URL",
  "28000": "PostgreSQL refuses the user; check POSTGRES_USER, or DATABASE_URL",
  "3D000": "PostgreSQL has no such database; create it, or check POSTGRES_DB, or DATABASE_URL",
  "42501": "The PostgreSQL user may not create tables; grant it the rights on the database",
};

export function createServerDatabase({ url, poolSize, onStatement }: ServerDatabaseNeeds): Database {
  const options = {
    connect_timeout: connectTimeoutSeconds,
    // A short, even pause: a database that is back is found within a second.
    backoff: () => 0.2 + Math.random() * 0.3,
    onnotice: () => {},
    connection: { application_name: "windi", statement_timeout: statementTimeoutMs, ...planning },
    ...addressOf(url),
  };
  function openPool() {
    const opened = postgres(url, { ...options, max: poolSize });
    // Drizzle changes how a pool reads moments, and each pool must read them in the same way.
    drizzle(opened);
    return opened;
  }
  const openWatcher = () =>
    postgres(url, { ...options, connection: { application_name: "windi-watch" }, max: 1 });
  let pool = openPool();
  let watcher = openWatcher();

  const watch = createWatch({
    intervalMs: watchIntervalMs,
    async ask() {
      try {
        await withDeadline(watcher.unsafe("select 1"), answerTimeoutMs);
      } catch (error) {
        if (codeOf(error) === "CONNECT_TIMEOUT") {
          void watcher.end({ timeout: 0 });
          watcher = openWatcher();
        }
        if (codeOf(error) !== tooManyConnections) throw error;
      }
    },
    // The driver would let what waits for an answer wait on: all of it is refused now, and may be sent again.
    onAway() {
      void pool.end({ timeout: 0 });
      pool = openPool();
    },
  });

  /** @throws an error like a lost connection's while the server is gone */
  function reach() {
    if (!watch.isAway) return pool;
    throw Object.assign(new Error("PostgreSQL does not answer"), { code: "CONNECTION_CLOSED" });
  }
  // Drizzle needs no more of a pool than these.
  const client = {
    options: pool.options,
    unsafe: (...query: Parameters<typeof pool.unsafe>) =>
      watched(onStatement, query[0], false, reach().unsafe(...query)),
    begin: async (work: (transaction: postgres.TransactionSql) => Promise<unknown>) =>
      watched(onStatement, "begin", false, reach().begin(work)),
  } as unknown as typeof pool;
  const orm = drizzle(client, { schema });

  const queriesOn = (client: Pick<typeof pool, "unsafe">): Queries => ({
    async query<Row>(statement: string, parameters: readonly unknown[] = []) {
      const rows = await client.unsafe(statement, parameters as postgres.ParameterOrJSON<never>[], {
        prepare: true,
      });
      return rows as unknown as Row[];
    },
  });

  return {
    kind: "server",
    orm,
    ...queriesOn(client),
    async begin<T>(work: (transaction: Queries) => Promise<T>) {
      return (await client.begin((transaction) =>
        work(watchedInside(queriesOn(transaction), onStatement)),
      )) as T;
    },
    async migrate() {
      const client = postgres(url, {
        ...options,
        connection: { application_name: "windi-migrate" },
        max: 1,
      });
      try {
        await requireVersion(client);
        await migrate(drizzle(client, { schema }), applyMigrations);
        await watch.check();
      } catch (error) {
        const remedy = permanent[codeOf(error) ?? ""];
        throw remedy === undefined ? error : new ConfigError(remedy, { cause: error });
      } finally {
        await client.end({ timeout: 1 });
      }
    },
    get isUp() {
      return watch.isUp;
    },
    async ping(timeoutMs) {
      await withDeadline(reach().unsafe("select 1"), timeoutMs);
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await Promise.all([pool.end({ timeout: 5 }), watcher.end({ timeout: 0 })]);
    },
  };
}

/** What the driver would misread in the URL: an IPv6 address, and a database's name with encoded characters. */
function addressOf(url: string): { host?: string; port?: number; database?: string } {
  const { hostname, port, pathname } = new URL(url);
  const database = decodeURIComponent(pathname.slice(1));
  // The driver cuts a string at its colons, and takes a list as it is, which its types do not tell.
  const only = <T>(value: T) => [value] as unknown as T;
  const isIPv6 = hostname.startsWith("[");
  return {
    ...(isIPv6 ? { host: only(hostname.slice(1, -1)), port: only(Number(port || 5432)) } : {}),
    ...(database === "" ? {} : { database }),
  };
}

async function requireVersion(client: postgres.Sql): Promise<void> {
  const [row] = await client<
    { version: number }[]
  >`select current_setting('server_version_num')::int as version`;
  if (row && row.version < 150_000) {
    throw new ConfigError(
      `PostgreSQL 15 or newer is needed; the server has ${Math.floor(row.version / 10_000)}`,
    );
  }
}
