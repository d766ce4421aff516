import { describe, expect, test } from "bun:test";
import { findCorrection, findFirstBelow, findHolders } from "./anchor.ts";

/** Boxes of 100 pixels, one below the other. */
const edgeOf = (index: number) => ({ top: index * 100, bottom: index * 100 + 100 });

describe("the first box below a line", () => {
  test.each([
    [0, 0],
    [99, 0],
    [100, 1],
    [250, 2],
    [5000, 10],
  ])("at %p is %p", (line, index) => {
    expect(findFirstBelow(10, edgeOf, line)).toBe(index);
  });
});

describe("the place is held", () => {
  test("by what begins within the view, and last by what is cut at its top", () => {
    expect(findHolders(10, edgeOf, { top: 150, bottom: 450 })).toEqual([2, 3, 4, 1]);
  });

  test("by a message that is longer than the view when there is no other", () => {
    const long = () => ({ top: -500, bottom: 2000 });
    expect(findHolders(1, long, { top: 0, bottom: 600 })).toEqual([0]);
  });

  test("by the first that is still there", () => {
    const held = [
      { key: "a", offset: 10 },
      { key: "b", offset: 60 },
    ];
    const now = new Map([["b", 90]]);
    expect(findCorrection(held, (key) => now.get(key))).toBe(30);
    expect(findCorrection(held, () => undefined)).toBeUndefined();
  });
});
