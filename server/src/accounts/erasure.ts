// Erases what is over: sessions that ended, and tickets that cannot be used any more.
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Queries } from "../database/database.ts";
import { eraseSessions } from "./sessions.store.ts";
import { eraseTickets } from "./tickets.store.ts";

interface ErasureNeeds {
  database: Queries;
  clock: Clock;
  log: Logger;
}

const everyMs = 5 * 60_000;

export function scheduleErasure({ database, clock, log }: ErasureNeeds): AsyncDisposable {
  let erasing: Promise<void> | undefined;

  async function erase(): Promise<void> {
    try {
      await eraseTickets(database);
      await eraseSessions(database);
    } catch (error) {
      log.warn({ err: error }, "what is over is erased later");
    }
    erasing = undefined;
  }

  const timer = clock.every(everyMs, () => void (erasing ??= erase()));
  return {
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await erasing;
    },
  };
}
