import { expect, test } from "bun:test";
import { backoffMs } from "./backoff.ts";

const almostOne = () => 0.999_999;

test("the first wait is below half a second", () => {
  expect(backoffMs(0, almostOne)).toBeLessThan(500);
});

test("each attempt may wait twice as long, up to 30 seconds", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 50, 5000].map((attempt) =>
    Math.ceil(backoffMs(attempt, almostOne)),
  );
  expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("the jitter is full: a wait may be as short as nothing", () => {
  expect(backoffMs(9, () => 0)).toBe(0);
});
