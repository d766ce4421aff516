// The database on a PostgreSQL server. The only file that names its driver.
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as applyMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { ConfigError } from "../config.ts";
import { withDeadline, type Database, type Queries } from "./database.ts";
import { codeOf } from "./failures.ts";
import { migrate } from "./migrate.ts";
import * as schema from "./schema.ts";

interface ServerDatabaseNeeds {
  url: string;
  /** Greatest number of connections of this node. */
  poolSize: number;
}

const connectTimeoutSeconds = 5;
const statementTimeoutMs = 15_000;

/** Codes that no waiting mends: wrong password, no such role, no such database. */
const permanent: Record<string, string> = {
  "28P01": "PostgreSQL refuses the password; check POSTGRES_USER and POSTGRES_PASSWORD, or DATABASE_URL",
  "28000": "PostgreSQL refuses the user; check POSTGRES_USER, or DATABASE_URL",
  "3D000": "PostgreSQL has no such database; create it, or check POSTGRES_DB, or DATABASE_URL",
  "42501": "The PostgreSQL user may not create tables; grant it the rights on the database",
};

export function createServerDatabase({ url, poolSize }: ServerDatabaseNeeds): Database {
  const options = {
    connect_timeout: connectTimeoutSeconds,
    // A short, even pause: a database that is back is found within a second.
    backoff: () => 0.2 + Math.random() * 0.3,
    onnotice: () => {},
    connection: { application_name: "windi", statement_timeout: statementTimeoutMs },
    ...addressOf(url),
  };
  const pool = postgres(url, { ...options, max: poolSize });
  const orm = drizzle(pool, { schema });

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
    ...queriesOn(pool),
    async begin<T>(work: (transaction: Queries) => Promise<T>) {
      return (await pool.begin((client) => work(queriesOn(client)))) as T;
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
      } catch (error) {
        const remedy = permanent[codeOf(error) ?? ""];
        throw remedy === undefined ? error : new ConfigError(remedy, { cause: error });
      } finally {
        await client.end({ timeout: 1 });
      }
    },
    async ping(timeoutMs) {
      await withDeadline(pool.unsafe("select 1"), timeoutMs);
    },
    async [Symbol.asyncDispose]() {
      await pool.end({ timeout: 5 });
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
