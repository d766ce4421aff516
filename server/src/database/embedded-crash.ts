// What becomes of PGlite when the PostgreSQL in it ends: one more call into it would never return, so it gets none.
import type { PGlite } from "@electric-sql/pglite";

/** The status with which PostgreSQL leaves a statement that failed; it goes on after that. */
const failedStatement = 100;

/** The functions through which PGlite enters PostgreSQL for a statement. */
const entries = [
  "_PostgresMainLoopOnce",
  "_PostgresMainLongJmp",
  "_PostgresSendReadyForQueryIfNecessary",
  "_pgl_pq_flush",
] as const;

/** The embedded database ended by itself, as PostgreSQL does when it cannot write or sync its log. */
export class EmbeddedCrash extends Error {
  override readonly name = "EmbeddedCrash";
  readonly code = "EMBEDDED_CLOSED";

  /** @param lastError what PostgreSQL complained about last */
  constructor(lastError: string | undefined, cause: unknown) {
    const reason = lastError ?? (cause instanceof Error ? cause.message : String(cause));
    super(`The embedded database does not run (${reason})`, { cause });
  }
}

/**
 * Makes the statement during which PostgreSQL ends, and every later one, throw.
 * @param onCrash called once, with what ended it; answers with what is thrown
 */
export function refuseAfterCrash(client: PGlite, onCrash: (error: unknown) => EmbeddedCrash): void {
  const module = client.Module;
  for (const name of entries) {
    const enter = module[name];
    module[name] = () => {
      try {
        enter();
      } catch (error) {
        if (isFailedStatement(error)) throw error;
        throw end(error);
      }
    };
  }

  function end(error: unknown): EmbeddedCrash {
    const crash = onCrash(error);
    const refuse = () => {
      throw crash;
    };
    for (const name of entries) module[name] = refuse;
    // PGlite's loop takes what a statement throws for a failed one, and goes on; it calls this before it does.
    module.stackRestore = refuse;
    return crash;
  }
}

const isFailedStatement = (error: unknown) =>
  typeof error === "object" && error !== null && "status" in error && error.status === failedStatement;
