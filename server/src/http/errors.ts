// From what was thrown to what is answered: the one place where errors become bodies.
import type { ErrorBody, FieldError } from "@windi/protocol";
import type { Logger } from "pino";
import type { z } from "zod";
import { databaseFailure } from "../database/failures.ts";
import { Failure } from "../failure.ts";

/** The failure that an error stands for. What is not a failure is a fault of ours: logged here, and `internal`. */
export function toFailure(error: unknown, log: Logger, requestId: string): Failure {
  const failure = error instanceof Failure ? error : databaseFailure(error);
  if (failure) {
    // What the operator has to mend is in the log with its cause.
    if (failure.status >= 500 && failure.cause !== undefined)
      log.warn({ request_id: requestId, code: failure.code, err: failure.cause }, "database");
    return failure;
  }
  log.error({ request_id: requestId, err: error }, "fault");
  return new Failure("internal", { cause: error });
}

export function toBody(failure: Failure, requestId: string): ErrorBody {
  return { detail: failure.fields ?? failure.message, code: failure.code, request_id: requestId };
}

/** @param where the part of the request: `body`, `query`, `path` */
export function toFieldErrors(issues: readonly z.core.$ZodIssue[], where: string): FieldError[] {
  return issues.slice(0, 20).map((issue) => ({
    loc: [where, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))],
    msg: issue.message,
    type: issue.code,
  }));
}
