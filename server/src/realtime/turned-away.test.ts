import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { createLogTo } from "../telemetry.ts";
import { createTurnedAway } from "./turned-away.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function setUp(level: string) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogTo(
    { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    level,
  );
  return { lines, turnedAway: createTurnedAway({ log }) };
}

test("who is turned away is counted in one line a minute, and in no other at the level info", () => {
  const { lines, turnedAway } = setUp("info");
  using _ = turnedAway;
  for (let i = 0; i < 3000; i++) turnedAway.refused("overloaded", `${i}`);
  turnedAway.refused("rate_limited", "1");
  turnedAway.closed(1006);
  expect(lines).toEqual([]);
  jest.advanceTimersByTime(60_000);
  expect(lines).toMatchObject([{ refused: { overloaded: 3000, rate_limited: 1 }, closed: { "1006": 1 } }]);
  jest.advanceTimersByTime(600_000);
  expect(lines).toHaveLength(1);
});

test("each has a line at the level debug", () => {
  const { lines, turnedAway } = setUp("debug");
  using _ = turnedAway;
  turnedAway.refused("overloaded", "r1");
  turnedAway.closed(4029);
  expect(lines).toMatchObject([
    { level: "debug", code: "overloaded", request_id: "r1" },
    { level: "debug", code: 4029 },
  ]);
});

test("who leaves in order, or is told to come back, is not turned away", () => {
  const { lines, turnedAway } = setUp("debug");
  for (const code of [1000, 1001, 1005, 4012]) turnedAway.closed(code);
  turnedAway[Symbol.dispose]();
  expect(lines).toEqual([]);
});

test("what was counted is told at the end", () => {
  const { lines, turnedAway } = setUp("info");
  turnedAway.refused("draining", "r1");
  turnedAway[Symbol.dispose]();
  expect(lines).toMatchObject([{ refused: { draining: 1 } }]);
});
