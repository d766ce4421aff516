// When the audit runs: every so often, and soon after the bus is back.
import type { Logger } from "pino";
import type { Audit } from "./audit.ts";

interface AuditScheduleNeeds {
  audit: Audit;
  everyMs: number;
  onRestored(listener: () => void): void;
  log: Logger;
}

/** Nodes that hear of the bus at the same time do not all ask the database at the same time. */
const spreadMs = 1000;

export function scheduleAudit({ audit, everyMs, onRestored, log }: AuditScheduleNeeds): AsyncDisposable {
  let running: Promise<void> | undefined;
  let isEnded = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function next(delayMs: number): void {
    clearTimeout(timer);
    if (!isEnded) timer = setTimeout(run, delayMs);
  }

  function run(): void {
    running ??= audit
      .run()
      // The database is away, say: the next one finds what this one did not.
      .catch((error: unknown) => log.warn({ err: error }, "audit failed"))
      .finally(() => {
        running = undefined;
        next(everyMs);
      });
  }

  next(everyMs);
  onRestored(() => next(Math.random() * spreadMs));
  return {
    [Symbol.asyncDispose]: async () => {
      isEnded = true;
      clearTimeout(timer);
      await running;
    },
  };
}
