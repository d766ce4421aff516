import { describe, expect, test } from "bun:test";
import {
  countFirst,
  findKept,
  findNeeds,
  fitSlice,
  grow,
  mostRows,
  moveSlice,
  sliceAround,
  sliceAtEnd,
} from "./slice.ts";

const all = { first: 1001, last: 2000 };
const length = ({ first, last }: { first: number; last: number }) => last - first + 1;

describe("a slice", () => {
  test("at the end has as many messages as may be in the document", () => {
    expect(sliceAtEnd(all)).toEqual({ first: 1851, last: 2000 });
    expect(sliceAtEnd({ first: 1, last: 3 })).toEqual({ first: 1, last: 3 });
  });

  test("around a message has it in the middle, and is full at the edges too", () => {
    expect(sliceAround(1500, all)).toEqual({ first: 1425, last: 1574 });
    expect(sliceAround(1001, all)).toEqual({ first: 1001, last: 1150 });
    expect(sliceAround(2000, all)).toEqual({ first: 1851, last: 2000 });
  });

  test("begins with what fills the view, and grows until it is full", () => {
    let size = countFirst(900);
    expect(length(sliceAtEnd(all, size))).toBe(23);
    expect(countFirst(100_000)).toBe(mostRows);
    for (let times = 0; times < 10; times++) size = grow(size);
    expect(size).toBe(mostRows);
  });

  test("loses what is not there any more", () => {
    expect(fitSlice({ first: 990, last: 1100 }, all)).toEqual({ first: 1001, last: 1100 });
    const slice = { first: 1100, last: 1200 };
    expect(fitSlice(slice, all)).toBe(slice);
  });

  test("that is elsewhere begins again at what is nearest", () => {
    expect(fitSlice({ first: 10, last: 90 }, all)).toEqual({ first: 1001, last: 1150 });
    expect(fitSlice({ first: 5000, last: 5100 }, all)).toEqual({ first: 1851, last: 2000 });
  });

  test("moves as the reader comes near its edge, and not before", () => {
    const slice = { first: 1400, last: 1549 };
    expect(moveSlice(slice, { first: 1470, last: 1480 }, all)).toBe(slice);
    expect(moveSlice(slice, { first: 1430, last: 1440 }, all)).toEqual({ first: 1375, last: 1524 });
    expect(moveSlice(slice, { first: 1520, last: 1530 }, all)).toEqual({ first: 1425, last: 1574 });
  });

  test("stays within what is there, and never exceeds its size", () => {
    let slice = sliceAtEnd(all);
    for (let seq = 2000; seq > 1010; seq -= 7) {
      slice = moveSlice(slice, { first: seq - 9, last: seq }, all);
      expect(length(slice)).toBeLessThanOrEqual(mostRows);
      expect(slice.first).toBeGreaterThanOrEqual(all.first);
      expect(slice.first).toBeLessThanOrEqual(seq - 9);
    }
    expect(slice.first).toBe(all.first);
  });

  test("grows before it moves", () => {
    expect(moveSlice({ first: 1, last: 20 }, { first: 5, last: 20 }, { first: 1, last: 30 })).toEqual({
      first: 1,
      last: 30,
    });
  });
});

describe("messages", () => {
  const isOpen = { isAtStart: false, isAtEnd: false };

  test("are asked for before the reader needs them", () => {
    expect(findNeeds({ first: 1100, last: 1249 }, all, isOpen)).toEqual({ older: true, newer: false });
    expect(findNeeds({ first: 1800, last: 1949 }, all, isOpen)).toEqual({ older: false, newer: true });
    expect(findNeeds({ first: 1001, last: 1100 }, all, { isAtStart: true, isAtEnd: true })).toEqual({
      older: false,
      newer: false,
    });
  });

  test("are dropped far from the reader, and never those that would be asked for at once", () => {
    expect(findKept({ first: 1300, last: 1449 }, { first: 1000, last: 1800 })).toBeUndefined();
    const slice = { first: 1001, last: 1150 };
    const kept = findKept(slice, all);
    expect(kept).toEqual({ first: 701, last: 1450 });
    const loaded = { first: all.first, last: kept?.last ?? 0 };
    expect(findNeeds(slice, loaded, { isAtStart: true, isAtEnd: false })).toEqual({
      older: false,
      newer: false,
    });
  });
});
