// The clock of the page, for what needs one.
import type { Clock } from "@windi/sdk";

export const systemClock: Clock = {
  now: () => Date.now(),
  later(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
