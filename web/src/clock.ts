// Time, chance and timers as one need, so that tests decide all three.

export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number;
  /** From 0 (included) to 1 (excluded). */
  random: () => number;
  /** Runs once after the delay, unless the function that it returns is called first. */
  later: (delayMs: number, run: () => void) => () => void;
}

export const createBrowserClock = (): Clock => ({
  now: () => Date.now(),
  random: () => Math.random(),
  later(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
});
