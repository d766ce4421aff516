// A clock for tests that stands still until it is moved.
import type { Clock } from "./clock.ts";

export interface FakeClock extends Clock {
  /** Moves on, and runs what falls due on the way, in order, each to its end. */
  advance(ms: number): Promise<void>;
  /** How many timers run. */
  pending(): number;
}

/** Lets everything come to rest that waits for no timer. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function createFakeClock(): FakeClock {
  let now = 1_000_000;
  let timers: { at: number; run: () => void }[] = [];

  function takeNext(end: number): { at: number; run: () => void } | undefined {
    let next = timers[0];
    for (const timer of timers) if (next && timer.at < next.at) next = timer;
    if (!next || next.at > end) return undefined;
    timers = timers.filter((timer) => timer !== next);
    return next;
  }

  return {
    now: () => now,
    later(delayMs, run) {
      const timer = { at: now + Math.max(0, delayMs), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (let next = takeNext(end); next; next = takeNext(end)) {
        now = next.at;
        next.run();
        await settle();
      }
      now = end;
    },
    pending: () => timers.length,
  };
}
