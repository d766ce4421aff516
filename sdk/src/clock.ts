// Time and timers as one need, so that tests decide both.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs once after the delay, unless the function that it returns is called first. */
  later(delayMs: number, run: () => void): () => void;
}

export const createSystemClock = (): Clock => ({
  now: () => Date.now(),
  later(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
});
