// When the audit runs: every so often, soon after the bus is back, and for a chat that is new to this node at once.
import type { Logger } from "pino";
import type { Audit } from "./audit.ts";

export interface AuditSchedule extends AsyncDisposable {
  /** The bus was just asked for this chat: what was said of it until that took effect, nobody here has heard. */
  followed(chatId: string): void;
}

interface AuditScheduleNeeds {
  audit: Audit;
  everyMs: number;
  onRestored(listener: () => void): void;
  random(): number;
  log: Logger;
}

/** Nodes that hear of the bus at the same time do not all ask the database at the same time. */
const spreadMs = 1000;
/** Long enough for the bus to be told, and for many who come at once to be looked at together. */
const followedMs = 1000;

export function scheduleAudit({
  audit,
  everyMs,
  onRestored,
  random,
  log,
}: AuditScheduleNeeds): AuditSchedule {
  const followed = new Set<string>();
  let running: Promise<void> | undefined;
  let isAskedAgain = false;
  let isEnded = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let followedTimer: ReturnType<typeof setTimeout> | undefined;

  // The database is away, say: the next look finds what this one did not.
  const tolerate = (looking: Promise<void>) =>
    looking.catch((error: unknown) => log.warn({ err: error }, "audit failed"));

  function next(delayMs: number): void {
    clearTimeout(timer);
    if (!isEnded) timer = setTimeout(run, delayMs);
  }

  function run(): void {
    isAskedAgain = false;
    running = tolerate(audit.run()).finally(() => {
      running = undefined;
      next(isAskedAgain ? random() * spreadMs : everyMs);
    });
  }

  function lookAtFollowed(): void {
    followedTimer = undefined;
    const chatIds = [...followed];
    followed.clear();
    void tolerate(audit.look(chatIds));
  }

  next(everyMs);
  onRestored(() => {
    if (running) isAskedAgain = true;
    else next(random() * spreadMs);
  });
  return {
    followed(chatId) {
      if (isEnded) return;
      followed.add(chatId);
      followedTimer ??= setTimeout(lookAtFollowed, followedMs);
    },
    [Symbol.asyncDispose]: async () => {
      isEnded = true;
      clearTimeout(timer);
      clearTimeout(followedTimer);
      await running;
    },
  };
}
