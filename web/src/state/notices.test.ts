import { expect, test } from "bun:test";
import { createNotices } from "./notices.ts";

function createWorld() {
  const timers: { delayMs: number; call: () => void }[] = [];
  const notices = createNotices((delayMs, call) => void timers.push({ delayMs, call }));
  const texts = () => notices.get().map(({ text }) => text);
  return { notices, timers, texts };
}

test("a notice goes by itself", () => {
  const { notices, timers, texts } = createWorld();
  notices.tell("Copied");
  expect(texts()).toEqual(["Copied"]);
  timers[0]?.call();
  expect(texts()).toEqual([]);
});

test("a notice with an action stays longer, and one for which a time is given for as long as that", () => {
  const { notices, timers } = createWorld();
  const undo = { label: "Undo", run: () => {} };
  notices.tell("Copied");
  notices.tell("Moved", undo);
  notices.tell("Deleted", undo, 1234);
  const [plain, withAction, given] = timers.map(({ delayMs }) => delayMs);
  expect(plain).toBeLessThan(withAction ?? 0);
  expect(given).toBe(1234);
});

test("a fault stays until it is closed", () => {
  const { notices, timers, texts } = createWorld();
  notices.fault("The server's disk is full");
  expect(timers).toEqual([]);
  notices.close(notices.get()[0]?.id ?? 0);
  expect(texts()).toEqual([]);
});

test("the same notice again is shown once, and the old one's end does not take it away", () => {
  const { notices, timers, texts } = createWorld();
  notices.tell("Copied");
  notices.tell("Copied");
  expect(texts()).toEqual(["Copied"]);
  timers[0]?.call();
  expect(texts()).toEqual(["Copied"]);
});

test("of two faults of the same words each keeps what can be done about it", () => {
  const { notices, texts } = createWorld();
  const done: string[] = [];
  for (const name of ["one", "other"])
    notices.fault("No answer", { label: "Retry", run: () => done.push(name) });
  expect(texts()).toEqual(["No answer", "No answer"]);
  for (const { action } of notices.get()) action?.run();
  expect(done).toEqual(["one", "other"]);
  notices.clear();
  expect(texts()).toEqual([]);
});

test("no more than three are shown, the latest ones", () => {
  const { notices, texts } = createWorld();
  for (const text of ["1", "2", "3", "4"]) notices.tell(text);
  expect(texts()).toEqual(["2", "3", "4"]);
});
