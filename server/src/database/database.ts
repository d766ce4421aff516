// The port to the database: Drizzle for ordinary queries, prepared text for the hot statements.
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type * as schema from "./schema.ts";

/** Drizzle over either driver. */
export type Orm = PgDatabase<PgQueryResultHKT, typeof schema>;

export interface Queries {
  /**
   * Runs one statement as a prepared one. Arrays are passed as JavaScript arrays. Ask for moments as milliseconds
   * (`(extract(epoch from x) * 1000)::float8`): how timestamps are parsed depends on the driver.
   */
  query<Row>(statement: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Queries, AsyncDisposable {
  readonly kind: "embedded" | "server";
  readonly orm: Orm;
  /** Runs `work` in one transaction, on one connection; rolls back when it throws. */
  begin<T>(work: (transaction: Queries) => Promise<T>): Promise<T>;
  /** Brings the tables up to date; one migrator at a time, whatever the number of nodes. */
  migrate(): Promise<void>;
  /** Rejects when the database does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  /** False from when the database turned out to be gone until it answers again. */
  readonly isUp: boolean;
}

/**
 * Told when a statement or a transaction (`begin`) is asked for; what it returns is called at the end, however that is.
 * A hot statement begins with its name as a comment, which the database's own statistics show too.
 * @param isInside a statement of a transaction that it was told of already
 */
export type WatchStatement = (statement: string, isInside: boolean) => () => void;

/** Does not wait for the work: a query of a driver may begin only when it is waited for. */
export function watched<Work extends Promise<unknown>>(
  watch: WatchStatement | undefined,
  statement: string,
  isInside: boolean,
  work: Work,
): Work {
  const ended = watch?.(statement, isInside);
  if (ended) void Promise.prototype.then.call(work, ended, ended);
  return work;
}

/** The statements of a transaction. */
export const watchedInside = ({ query }: Queries, watch: WatchStatement | undefined): Queries => ({
  query: (statement, parameters) => watched(watch, statement, true, query(statement, parameters)),
});

/** How every connection plans. */
export const planning = {
  // To plan a hot statement takes longer than to run it for one row.
  plan_cache_mode: "force_generic_plan",
  // A plan is kept while its tables grow: one that was made on empty ones must not read them whole.
  enable_seqscan: "off",
  // The cost that this puts on what has no index would start the compiler.
  jit: "off",
};

/** Rejects with an error like a lost connection's when `work` takes longer; the work itself is not stopped. */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    const late = Object.assign(new Error(`No answer within ${timeoutMs} ms`), {
      code: "CONNECT_TIMEOUT",
    });
    timer = setTimeout(() => reject(late), timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
