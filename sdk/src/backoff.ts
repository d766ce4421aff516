// How long to wait before the next attempt: full jitter, so that clients cut at once do not come back at once.

const baseMs = 500;
const capMs = 30_000;

/** Between 0 and 0.5 s · 2^attempt, at most 30 s; `attempt` counts from 0. */
export const backoffMs = (attempt: number, random: () => number): number =>
  random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 16));
