// Token buckets by name and key, in this process's memory: the limits are per node.
import type { Limit, LimitName, Limits } from "./limits.ts";

export interface Verdict {
  isAllowed: boolean;
  /** Size of the bucket. */
  limit: number;
  remaining: number;
  /** Until the bucket is full again. */
  resetSeconds: number;
  /** Until as much is allowed; 0 when it is. */
  retryAfterMs: number;
}

export interface RateLimiter {
  /**
   * Takes `cost` from the bucket of this key, if it holds as much; all of a full one, if it never holds as much.
   * Undefined: nothing is limited.
   */
  take(name: LimitName, key: string, cost?: number): Verdict | undefined;
  /** Puts back what `take` took, for what turned out not to count. */
  giveBack(name: LimitName, key: string, cost?: number): void;
}

interface RateLimiterNeeds {
  limits: Limits;
  /** Milliseconds since any moment. */
  now(): number;
  onRefused?(name: LimitName): void;
}

/** Keys that are remembered per limit; beyond that the full buckets, then the oldest, are forgotten. */
const maxKeys = 100_000;

/** By the generic cell rate algorithm: a bucket is one number, the moment at which it will be full again. */
export function createRateLimiter({ limits, now, onRefused }: RateLimiterNeeds): RateLimiter {
  const fullAt = new Map<LimitName, Map<string, number>>();

  const bucketsOf = (name: LimitName) => {
    const known = fullAt.get(name);
    if (known) return known;
    const made = new Map<string, number>();
    fullAt.set(name, made);
    return made;
  };

  return {
    take(name, key, cost = 1) {
      if (!limits) return undefined;
      const limit = limits[name];
      const buckets = bucketsOf(name);
      const at = now();
      const taken = takeFrom(limit, buckets.get(key) ?? at, at, Math.min(cost, limit.count));
      if (taken.isAllowed) {
        if (buckets.size >= maxKeys) forget(buckets, at);
        buckets.set(key, taken.fullAt);
      } else {
        onRefused?.(name);
      }
      return toVerdict(limit, taken.fullAt - at, taken);
    },
    giveBack(name, key, cost = 1) {
      if (!limits) return;
      const buckets = bucketsOf(name);
      const known = buckets.get(key);
      if (known !== undefined)
        buckets.set(key, known - Math.min(cost, limits[name].count) * intervalMs(limits[name]));
    },
  };
}

const intervalMs = ({ count, seconds }: Limit) => (seconds * 1000) / count;

interface Taken {
  isAllowed: boolean;
  /** When the bucket will be full again, after what was taken. */
  fullAt: number;
  retryAfterMs: number;
}

/** Takes from one bucket, which is the moment `fullAt`; all moments in milliseconds of one clock. */
export function takeFrom(limit: Limit, fullAt: number, at: number, cost: number): Taken {
  const before = Math.max(fullAt, at);
  const after = before + cost * intervalMs(limit);
  const excessMs = after - at - limit.seconds * 1000;
  const isAllowed = excessMs <= 1e-6;
  return {
    isAllowed,
    fullAt: isAllowed ? after : before,
    retryAfterMs: isAllowed ? 0 : Math.ceil(excessMs),
  };
}

function toVerdict(limit: Limit, untilFullMs: number, { isAllowed, retryAfterMs }: Taken): Verdict {
  return {
    isAllowed,
    limit: limit.count,
    remaining: Math.max(0, Math.floor(limit.count - untilFullMs / intervalMs(limit) + 1e-6)),
    resetSeconds: Math.ceil(untilFullMs / 1000),
    retryAfterMs,
  };
}

function forget(buckets: Map<string, number>, at: number): void {
  for (const [key, fullAt] of buckets) if (fullAt <= at) buckets.delete(key);
  for (const key of buckets.keys()) {
    if (buckets.size < maxKeys) return;
    buckets.delete(key);
  }
}
