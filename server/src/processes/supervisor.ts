// Several server processes as one server: keeps each alive, ends them together, renews them one after the other.
import type { Logger } from "pino";
import type { Child } from "./child.ts";
import { createPlace, type Place } from "./place.ts";
import { configurationExitCode } from "./remedy.ts";

export interface Supervisor {
  /**
   * Starts one process, and the others when it serves: it has made the tables, or told what is wrong. Resolves with the
   * address when all serve.
   */
  start(): Promise<string | undefined>;
  /** Has all processes replaced, one after the other, so that the others serve meanwhile. */
  restart(): Promise<void>;
  /** Ends all processes at once. */
  end(): void;
  /** Resolves with the exit code when all have ended. */
  readonly ended: Promise<number>;
}

interface SupervisorNeeds {
  count: number;
  spawn(index: number): Child;
  log: Logger;
  /** Milliseconds since any moment. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
  /** Calls after so long, unless what it answers is called before. */
  after(delayMs: number, call: () => void): () => void;
}

/** Also SIGINT and SIGTERM: whom they reach before they are heard has nothing to finish. */
const endedWell = new Set([0, 130, 143]);

export function createSupervisor({ count, spawn, log, ...clock }: SupervisorNeeds): Supervisor {
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  const started = Promise.withResolvers<void>();
  let isEnding = false;
  let isRestarting = false;
  let isAskedAgain = false;

  const places: Place[] = Array.from({ length: count }, (_, index) =>
    createPlace({
      spawn: () => spawn(index),
      onLoss(code) {
        // Where others serve, they are worth more than a quick end.
        const isHopeless = code === configurationExitCode && !places.some(({ isServing }) => isServing);
        if (isHopeless) void endAll(configurationExitCode);
        return !isHopeless;
      },
      log: log.child({ process: index }),
      ...clock,
    }),
  );

  async function endAll(code: number): Promise<void> {
    if (isEnding) return;
    isEnding = true;
    const codes = await Promise.all(places.map((place) => place.end()));
    const hasFailed = codes.some((own) => !endedWell.has(own));
    resolve(code === 0 && hasFailed ? 1 : code);
  }

  async function renewAll(): Promise<void> {
    try {
      for (const place of places) if (!isEnding) await place.renew();
      if (!isEnding) log.info({ processes: count }, "renewed");
    } catch (error) {
      log.error({ err: error }, "not renewed");
    }
  }

  return {
    async start() {
      const [first, ...others] = places;
      const url = await first?.start();
      await Promise.all(others.map((place) => place.start()));
      started.resolve();
      return url;
    },
    async restart() {
      isAskedAgain = true;
      if (isRestarting) return;
      isRestarting = true;
      await started.promise;
      while (isAskedAgain) {
        isAskedAgain = false;
        await renewAll();
      }
      isRestarting = false;
    },
    end: () => void endAll(0),
    ended,
  };
}
