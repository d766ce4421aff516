import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { createLoopLag } from "./loop-lag.ts";

let at = 0;
/** Lets so much time go by, of which timers only see the end. */
function pass(ms: number) {
  at += ms;
  jest.advanceTimersByTime(100);
}

beforeEach(() => {
  at = 0;
  jest.useFakeTimers();
});
afterEach(() => void jest.useRealTimers());

test("a process whose timers come in time does not lag", () => {
  using lag = createLoopLag({ now: () => at });
  for (let i = 0; i < 50; i++) pass(100 + (i % 5) * 100);
  expect(lag.isLagging()).toBe(false);
});

test("a pause of less than a second is none", () => {
  using lag = createLoopLag({ now: () => at });
  pass(1000);
  expect(lag.isLagging()).toBe(false);
});

test("a process that is busy for a second lags, until a timer comes in time", () => {
  using lag = createLoopLag({ now: () => at });
  pass(700);
  expect(lag.isLagging()).toBe(false);
  pass(700);
  expect(lag.isLagging()).toBe(true);
  pass(100);
  expect(lag.isLagging()).toBe(false);
});

test("one block of more than a second is seen at once", () => {
  using lag = createLoopLag({ now: () => at });
  pass(1200);
  expect(lag.isLagging()).toBe(true);
});
