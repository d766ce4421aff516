import { expect, test } from "bun:test";
import { rowsInSight, rowsToShow, scrollToRow } from "./list-window.ts";

const sight = { height: 640, rowHeight: 64, count: 1000 };

test("the rows in sight are in the document, with some around them, and few others", () => {
  for (let scrollTop = 0; scrollTop <= 1000 * 64 - 640; scrollTop += 37) {
    const { first, end } = rowsInSight({ ...sight, scrollTop });
    const top = Math.floor(scrollTop / 64);
    expect(first).toBeLessThanOrEqual(Math.max(0, top - 6));
    expect(end).toBeGreaterThanOrEqual(Math.min(1000, top + 16));
    expect(end - first).toBeLessThanOrEqual(32);
  }
});

test("a scroll of one row seldom changes the document", () => {
  const starts = Array.from(
    { length: 40 },
    (_, i) => rowsInSight({ ...sight, scrollTop: 6400 + i * 64 }).first,
  );
  expect(new Set(starts).size).toBeLessThanOrEqual(11);
});

test("a list that has become shorter shows its end, and an empty one nothing", () => {
  expect(rowsInSight({ ...sight, count: 12, scrollTop: 50_000 })).toEqual({ first: 0, end: 12 });
  expect(rowsInSight({ ...sight, count: 0, scrollTop: 300 })).toEqual({ first: 0, end: 0 });
  expect(rowsInSight({ ...sight, scrollTop: -80 }).first).toBe(0);
});

test("the focused row stays in the document, once, in its place", () => {
  expect(rowsToShow({ first: 4, end: 7 }, 1)).toEqual([1, 4, 5, 6]);
  expect(rowsToShow({ first: 4, end: 7 }, 9)).toEqual([4, 5, 6, 9]);
  expect(rowsToShow({ first: 4, end: 7 }, 5)).toEqual([4, 5, 6]);
  expect(rowsToShow({ first: 4, end: 7 }, -1)).toEqual([4, 5, 6]);
});

test("a row is scrolled to only as far as it needs", () => {
  const at = (scrollTop: number, row: number) => scrollToRow(row, { scrollTop, height: 640, rowHeight: 64 });
  expect(at(0, 3)).toBe(0);
  expect(at(0, 10)).toBe(64);
  expect(at(640, 5)).toBe(320);
});
