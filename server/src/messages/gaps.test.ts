import { describe, expect, test } from "bun:test";
import { createGaps, type KnownGap } from "./gaps.ts";

const gapOf = (chat_id: string, lastVersion = 5): KnownGap["gap"] => ({
  ...{ chat_id, seq: 1, version: 1 },
  ...{ lastSeq: 5, lastVersion },
});
const content = { place: { seq: 5, version: 5, infoVersion: 1 }, messages: [] };
const known = (chat: string, bytes = 100, lastVersion = 5): KnownGap => ({
  gap: gapOf(chat, lastVersion),
  weight: { bytes, isTooMuch: false },
  content,
});

function createWorld() {
  const timers: { at: number; call: () => void }[] = [];
  let now = 0;
  const gaps = createGaps((delayMs, call) => {
    const timer = { at: now + delayMs, call };
    timers.push(timer);
    return () => void timers.splice(timers.indexOf(timer) >>> 0, 1);
  });
  function advance(ms: number): void {
    now += ms;
    for (const timer of [...timers]) {
      if (timer.at > now) continue;
      timers.splice(timers.indexOf(timer), 1);
      timer.call();
    }
  }
  return { gaps, timers, advance };
}

describe("gaps that were read lately", () => {
  test("are found again by where they begin and how far the chat has come", () => {
    const { gaps } = createWorld();
    const one = known("a");
    gaps.keep([one]);
    expect(gaps.find(gapOf("a"))).toBe(one);
    expect(gaps.find(gapOf("a", 6))).toBeUndefined();
    expect(gaps.find(gapOf("b"))).toBeUndefined();
  });

  test("are gone after some seconds, and no timer stays", () => {
    const { gaps, timers, advance } = createWorld();
    gaps.keep([known("a")]);
    advance(2500);
    expect(gaps.find(gapOf("a"))).toBeDefined();
    advance(2500);
    expect(gaps.find(gapOf("a"))).toBeUndefined();
    advance(2500);
    expect(timers).toEqual([]);
  });

  test("are gone after these seconds also when they are asked for all the time", () => {
    const { gaps, advance } = createWorld();
    gaps.keep([known("a")]);
    for (let second = 1; second <= 6; second++) {
      const found = gaps.find(gapOf("a"));
      if (found) gaps.keep([found]);
      advance(1000);
    }
    expect(gaps.find(gapOf("a"))).toBeUndefined();
  });

  test("of a chat are forgotten when something changes in it that has no version", () => {
    const { gaps, advance } = createWorld();
    gaps.keep([known("a"), known("b")]);
    advance(2500);
    gaps.forget("a");
    expect(gaps.find(gapOf("a"))).toBeUndefined();
    expect(gaps.find(gapOf("b"))).toBeDefined();
  });

  test("that were read before such a change are not kept after it", () => {
    const { gaps } = createWorld();
    gaps.begin();
    gaps.forget("a");
    gaps.keep([known("a")]);
    expect(gaps.find(gapOf("a"))).toBeUndefined();
    gaps.begin();
    gaps.keep([known("a")]);
    expect(gaps.find(gapOf("a"))).toBeDefined();
  });

  test("take no more than some megabytes: the oldest go first", () => {
    const { gaps } = createWorld();
    const third = 16 * 1024 * 1024 * 0.3;
    for (const chat of ["a", "b", "c", "d"]) gaps.keep([known(chat, third)]);
    const kept = ["a", "b", "c", "d"].filter((chat) => gaps.find(gapOf(chat)));
    expect(kept).toEqual(["c", "d"]);
  });

  test("count with their messages also when only their weight was known at first", () => {
    const { gaps } = createWorld();
    const third = 16 * 1024 * 1024 * 0.3;
    const chats = ["a", "b", "c", "d"];
    const weighed = chats.map((chat): KnownGap => ({
      ...{ gap: gapOf(chat), weight: { bytes: third, isTooMuch: false } },
    }));
    gaps.keep(weighed);
    for (const one of weighed) {
      one.content = content;
      gaps.keep([one]);
    }
    expect(chats.filter((chat) => gaps.find(gapOf(chat)))).toEqual(["c", "d"]);
  });
});
