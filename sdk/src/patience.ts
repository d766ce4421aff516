// Tries again what may succeed later, with growing waits, which end early when the server is there again.
import { ApiError, isPassing, type ConnectionError } from "./api-error.ts";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";

/** A jitter that falls on zero must not hammer a server that asks for calm. */
const leastPauseMs = 200;

interface PatienceNeeds {
  clock: Clock;
  random: () => number;
}

export interface Patience {
  /**
   * Runs it until it succeeds, or fails in a way that trying again does not mend. Before and after each wait it asks
   * whether to go on; if not, it fails with what it failed with last.
   */
  insist<T>(run: () => Promise<T>, goesOn: (failure: ApiError | ConnectionError) => boolean): Promise<T>;
  /** Waits as long as the failure of this attempt (from 0) asks for. */
  rest(attempt: number, error: unknown): Promise<void>;
  /** The server answers: whoever waits because it did not, waits no longer. */
  hurry(): void;
  /** Ends all waits. */
  end(): void;
}

export function createPatience({ clock, random }: PatienceNeeds): Patience {
  const waits = new Set<{ end: () => void; isAsked: boolean }>();

  function rest(attempt: number, error: unknown): Promise<void> {
    const retryAfterMs = (error instanceof ApiError ? error.retryAfterMs : undefined) ?? leastPauseMs;
    return new Promise((resolve) => {
      const cancel = clock.later(retryAfterMs + backoffMs(attempt, random), () => wait.end());
      const wait = {
        isAsked: error instanceof ApiError,
        end() {
          cancel();
          waits.delete(wait);
          resolve();
        },
      };
      waits.add(wait);
    });
  }

  return {
    rest,
    async insist(run, goesOn) {
      for (let attempt = 0; ; attempt++) {
        try {
          return await run();
        } catch (error) {
          if (!isPassing(error) || !goesOn(error)) throw error;
          await rest(attempt, error);
          if (!goesOn(error)) throw error;
        }
      }
    },
    hurry() {
      for (const wait of [...waits]) if (!wait.isAsked) wait.end();
    },
    end() {
      for (const wait of [...waits]) wait.end();
    },
  };
}
