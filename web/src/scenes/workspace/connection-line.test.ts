import { createObservable, type ConnectionState } from "@windi/sdk";
import { expect, test } from "bun:test";
import { createConnectionLines } from "./connection-line.ts";

function setUp(isOnline = () => true) {
  const connection = createObservable<ConnectionState>({ phase: "connecting" });
  const due: { at: number; call: () => void }[] = [];
  let now = 0;
  const clock = {
    now: () => now,
    later(delayMs: number, call: () => void) {
      const entry = { at: now + delayMs, call };
      due.push(entry);
      return () => void due.splice(due.indexOf(entry), 1);
    },
  };
  const lines = createConnectionLines({ connection, clock, isOnline });
  function pass(ms: number) {
    now += ms;
    for (const entry of due.filter(({ at }) => at <= now)) {
      due.splice(due.indexOf(entry), 1);
      entry.call();
    }
  }
  return { connection, lines, pass };
}

test("a break of less than two seconds is not told", () => {
  const { connection, lines, pass } = setUp();
  pass(1999);
  expect(lines.get()).toBeUndefined();
  connection.set({ phase: "subscribed" });
  pass(5000);
  expect(lines.get()).toBeUndefined();
});

test("two seconds count from the break, through each attempt", () => {
  const { connection, lines, pass } = setUp();
  pass(1500);
  connection.set({ phase: "waiting", retryAt: 9000 });
  pass(500);
  expect(lines.get()).toBe("connecting");
  connection.set({ phase: "subscribing" });
  expect(lines.get()).toBe("updating");
  connection.set({ phase: "subscribed" });
  expect(lines.get()).toBeUndefined();
  connection.set({ phase: "connecting" });
  expect(lines.get()).toBeUndefined();
});

test("without a network the words say so, and say when it is back", () => {
  let isOnline = false;
  const { lines, pass } = setUp(() => isOnline);
  pass(2000);
  expect(lines.get()).toBe("offline");
  isOnline = true;
  lines.networkChanged();
  expect(lines.get()).toBe("connecting");
});

test("a connection that is ended on purpose is not missed", () => {
  const { connection, lines, pass } = setUp();
  connection.set({ phase: "closed", reason: "ended" });
  pass(5000);
  expect(lines.get()).toBeUndefined();
});
