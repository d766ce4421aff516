import { expect, test } from "bun:test";
import { findNext, opensMenu } from "./roving.ts";

const press = (key: string, changes = {}) => ({
  key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...changes,
});

test("arrows lead from message to message, and not beyond the first and the last", () => {
  expect(findNext(press("ArrowUp"), 3, 10)).toBe(2);
  expect(findNext(press("ArrowUp"), 0, 10)).toBe(0);
  expect(findNext(press("ArrowDown"), 9, 10)).toBe(9);
  expect(findNext(press("Home"), 5, 10)).toBe(0);
  expect(findNext(press("End"), 5, 10)).toBe(9);
});

test("keys of the page and letters lead nowhere", () => {
  expect(findNext(press("ArrowUp", { altKey: true }), 3, 10)).toBeUndefined();
  expect(findNext(press("a"), 3, 10)).toBeUndefined();
});

test("the menu is opened by each key that people try", () => {
  expect([press("Enter"), press("ContextMenu"), press("F10", { shiftKey: true })].map(opensMenu)).toEqual([
    true,
    true,
    true,
  ]);
  expect(opensMenu(press("F10"))).toBe(false);
});
