// What a driver's error means: the database is away, its disk is full, a retry helps, or a row is in the way.
import { Failure } from "../failure.ts";

const away = new Set([
  // The driver: no connection, or it broke.
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENOENT"],
  ...["CONNECTION_CLOSED", "CONNECTION_ENDED", "CONNECTION_DESTROYED", "CONNECT_TIMEOUT", "EMBEDDED_CLOSED"],
  // PostgreSQL: shutting down, crashed, starting, no free connection, out of memory, statement timeout, read-only.
  ...["57P01", "57P02", "57P03", "57014", "53300", "53200", "25006", "25P03", "55P03"],
]);

/** 53100 disk full, 58030 I/O error. */
const full = new Set(["53100", "58030", "ENOSPC", "EDQUOT"]);

/** The first code found along the chain of causes (Drizzle wraps what the driver throws). */
export function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return undefined;
}

/** The failure that an error of the database stands for; undefined if it is a fault of ours. */
export function databaseFailure(error: unknown): Failure | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (full.has(code)) return new Failure("storage_full", { retryAfterSeconds: 30, cause: error });
  if (isConflict(error) && code !== "23505")
    return new Failure("overloaded", { retryAfterSeconds: 1, cause: error });
  if (away.has(code) || code.startsWith("08"))
    return new Failure("unavailable", { retryAfterSeconds: 2, cause: error });
  return undefined;
}

/** Two transactions met, and this one gave way: nothing was done, and doing it again is right. */
export const isConflict = (error: unknown) => ["23505", "40001", "40P01"].includes(codeOf(error) ?? "");
