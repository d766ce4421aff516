import { describe, expect, test } from "bun:test";
import { createSeen, isHalfVisible } from "./seen.ts";

function prepare() {
  const timers = new Set<() => void>();
  const told: number[] = [];
  const seen = createSeen({
    later(_, call) {
      timers.add(call);
      return () => void timers.delete(call);
    },
    onSeen: (seq) => told.push(seq),
  });
  /** The 300 milliseconds of all that is watched now are over. */
  function pass(): void {
    for (const call of [...timers]) {
      if (timers.delete(call)) call();
    }
  }
  return { seen, told, pass };
}

describe("a message is seen", () => {
  test("after it was visible for a while to somebody who looks", () => {
    const { seen, told, pass } = prepare();
    seen.attend(true);
    seen.show(5, true);
    expect(told).toEqual([]);
    pass();
    expect(told).toEqual([5]);
  });

  test("not when it has left the view before", () => {
    const { seen, told, pass } = prepare();
    seen.attend(true);
    seen.show(5, true);
    seen.show(5, false);
    pass();
    expect(told).toEqual([]);
  });

  test("not while the page is in the background, and then as soon as somebody looks for a while", () => {
    const { seen, told, pass } = prepare();
    seen.show(5, true);
    pass();
    expect(told).toEqual([]);
    seen.attend(true);
    pass();
    expect(told).toEqual([5]);
  });

  test("once, and an earlier one not after a later one", () => {
    const { seen, told, pass } = prepare();
    seen.attend(true);
    seen.show(9, true);
    pass();
    seen.show(8, true);
    seen.show(9, true);
    pass();
    expect(told).toEqual([9]);
  });

  test("no more after somebody has marked it as unread", () => {
    const { seen, told, pass } = prepare();
    seen.attend(true);
    seen.show(5, true);
    seen.end();
    seen.show(6, true);
    pass();
    expect(told).toEqual([]);
  });
});

test("half of a message, or half of the screen, is enough", () => {
  expect(isHalfVisible(50, 100, 600)).toBe(true);
  expect(isHalfVisible(49, 100, 600)).toBe(false);
  expect(isHalfVisible(300, 5000, 600)).toBe(true);
  expect(isHalfVisible(0, 0, 600)).toBe(false);
});
