import { expect, test } from "bun:test";
import { placeMenu } from "./menu-place.ts";

const page = { width: 1000, height: 600 };
const size = { width: 200, height: 100 };
const anchorAt = (x: number, y: number) => ({ x, y, width: 40, height: 40 });

test("a menu opens below its anchor, at its start or at its end", () => {
  expect(placeMenu(anchorAt(300, 100), size, page, false)).toEqual({ x: 300, y: 144 });
  expect(placeMenu(anchorAt(300, 100), size, page, true)).toEqual({ x: 140, y: 144 });
});

test("a menu opens above where there is no room below", () => {
  expect(placeMenu(anchorAt(300, 540), size, page, false)).toEqual({ x: 300, y: 436 });
});

test("a menu stays within the page", () => {
  expect(placeMenu(anchorAt(950, 100), size, page, false).x).toBe(792);
  expect(placeMenu(anchorAt(0, 100), size, page, true).x).toBe(8);
  expect(placeMenu(anchorAt(300, 40), { width: 200, height: 580 }, page, false).y).toBe(12);
});
