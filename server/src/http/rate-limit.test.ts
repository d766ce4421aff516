import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseRateLimits } from "./limits.ts";
import { createRateLimiter } from "./rate-limit.ts";

/** A limiter whose `send` allows 3 in 30 s, and its clock. */
function limiter(value = "send=3/30") {
  const clock = { ms: 1000 };
  return { clock, ...createRateLimiter({ limits: parseRateLimits(value), now: () => clock.ms }) };
}

describe("a bucket", () => {
  test("gives its count at once, and then nothing", () => {
    const { take } = limiter();
    const verdicts = Array.from({ length: 4 }, () => take("send", "alice"));
    expect(verdicts.map((verdict) => verdict?.isAllowed)).toEqual([true, true, true, false]);
    expect(verdicts.map((verdict) => verdict?.remaining)).toEqual([2, 1, 0, 0]);
    expect(verdicts[0]).toEqual({
      isAllowed: true,
      limit: 3,
      remaining: 2,
      resetSeconds: 10,
      retryAfterMs: 0,
    });
    expect(verdicts[3]).toEqual({
      isAllowed: false,
      limit: 3,
      remaining: 0,
      resetSeconds: 30,
      retryAfterMs: 10_000,
    });
  });

  test("refills evenly", () => {
    const { take, clock } = limiter();
    for (let i = 0; i < 3; i++) take("send", "alice");
    clock.ms += 9999;
    expect(take("send", "alice")?.isAllowed).toBe(false);
    clock.ms += 1;
    expect(take("send", "alice")?.isAllowed).toBe(true);
    expect(take("send", "alice")?.isAllowed).toBe(false);
  });

  test("is not emptied further by what it refuses", () => {
    const { take, clock } = limiter();
    for (let i = 0; i < 100; i++) take("send", "alice");
    clock.ms += 10_000;
    expect(take("send", "alice")?.isAllowed).toBe(true);
  });

  test("holds no more than its count, however long nobody took from it", () => {
    const { take, clock } = limiter();
    clock.ms += 1_000_000;
    const allowed = Array.from({ length: 10 }, () => take("send", "alice")?.isAllowed).filter(Boolean);
    expect(allowed).toHaveLength(3);
  });

  test("belongs to one key and one limit", () => {
    const { take } = limiter();
    for (let i = 0; i < 4; i++) take("send", "alice");
    expect(take("send", "bob")?.isAllowed).toBe(true);
    expect(take("typing", "alice")?.isAllowed).toBe(true);
  });

  test("gets back what turned out not to count, and no more than that", () => {
    const { take, giveBack } = limiter();
    for (let i = 0; i < 3; i++) take("send", "alice");
    giveBack("send", "alice");
    expect(take("send", "alice")?.isAllowed).toBe(true);
    expect(take("send", "alice")?.isAllowed).toBe(false);
    for (let i = 0; i < 100; i++) giveBack("send", "alice");
    const allowed = Array.from({ length: 10 }, () => take("send", "alice")?.isAllowed).filter(Boolean);
    expect(allowed).toHaveLength(3);
  });

  test("is taken from by the cost of a thing", () => {
    const { take } = limiter();
    expect(take("send", "alice", 2)?.remaining).toBe(1);
    expect(take("send", "alice", 2)?.isAllowed).toBe(false);
    expect(take("send", "alice", 1)?.isAllowed).toBe(true);
  });
});

test("in any stretch of time, at most the count and what refilled meanwhile is allowed", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 }),
      (count, seconds, pauses) => {
        const { take, clock } = limiter(`send=${count}/${seconds}`);
        const allowedAt: number[] = [];
        for (const pause of pauses) {
          clock.ms += pause;
          if (take("send", "alice")?.isAllowed) allowedAt.push(clock.ms);
        }
        allowedAt.forEach((from, first) => {
          const most = count + ((allowedAt.at(-1) ?? 0) - from) / ((seconds * 1000) / count);
          expect(allowedAt.length - first).toBeLessThanOrEqual(most + 1e-6);
        });
      },
    ),
  );
});

describe("what costs more than one", () => {
  test("waits until there is as much", () => {
    const { take, clock } = limiter();
    expect(take("send", "alice", 2)).toMatchObject({ isAllowed: true, remaining: 1 });
    expect(take("send", "alice", 3)).toMatchObject({ isAllowed: false, remaining: 1, retryAfterMs: 20_000 });
    clock.ms += 20_000;
    expect(take("send", "alice", 3)).toMatchObject({ isAllowed: true, remaining: 0 });
  });

  test("takes all of a full bucket when that never holds as much", () => {
    const { take, giveBack, clock } = limiter();
    expect(take("send", "alice", 100)).toMatchObject({ isAllowed: true, remaining: 0 });
    expect(take("send", "alice", 100)).toMatchObject({ isAllowed: false, retryAfterMs: 30_000 });
    giveBack("send", "alice", 100);
    expect(take("send", "alice", 100)).toMatchObject({ isAllowed: true });
    clock.ms += 30_000;
    expect(take("send", "alice", 100)).toMatchObject({ isAllowed: true });
  });
});

test("without limits nothing is counted", () => {
  const { take, giveBack } = limiter("off");
  expect(take("send", "alice")).toBeUndefined();
  expect(() => giveBack("send", "alice")).not.toThrow();
});

test("keys without number cost no memory without number, and the newest are the ones remembered", () => {
  const { take } = limiter();
  for (let i = 0; i < 100_010; i++) take("send", `key ${i}`, 3);
  expect(take("send", "key 0")?.isAllowed).toBe(true);
  expect(take("send", "key 100009")?.isAllowed).toBe(false);
});
