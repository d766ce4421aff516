import { describe, expect, test } from "bun:test";
import { findAct, findRoom, type ComposerState } from "./composer-keys.ts";

const usual: ComposerState = {
  enterSends: true,
  isTouch: false,
  isEmpty: false,
  isEditing: false,
  isChoosing: false,
};
const act = (keys: string, state: Partial<ComposerState> = {}, isComposing = false) => {
  const parts = keys.split("+");
  const press = {
    key: parts.at(-1) ?? "",
    shiftKey: parts.includes("Shift"),
    ctrlKey: parts.includes("Ctrl"),
    metaKey: false,
    altKey: parts.includes("Alt"),
    isComposing,
    keyCode: 0,
  };
  return findAct(press, { ...usual, ...state });
};

describe("Enter", () => {
  test("sends, and with Shift begins a line", () => {
    expect(act("Enter")).toBe("send");
    expect(act("Shift+Enter")).toBeUndefined();
  });

  test("begins a line for whoever wants that, and Ctrl+Enter sends", () => {
    expect(act("Enter", { enterSends: false })).toBeUndefined();
    expect(act("Ctrl+Enter", { enterSends: false })).toBe("send");
  });

  test("begins a line on the keyboard of a screen", () => {
    expect(act("Enter", { isTouch: true })).toBeUndefined();
  });

  test("belongs to an input method while that composes", () => {
    expect(act("Enter", {}, true)).toBeUndefined();
  });
});

describe("other keys", () => {
  test("choose among the names while there are some", () => {
    const keys = ["Enter", "Tab", "ArrowDown", "ArrowUp", "Escape"];
    expect(keys.map((key) => act(key, { isChoosing: true }))).toEqual([
      "choose",
      "choose",
      "next",
      "previous",
      "leave",
    ]);
    expect(act("Tab")).toBeUndefined();
  });

  test("edit the last message only from an empty field", () => {
    expect(act("ArrowUp")).toBeUndefined();
    expect(act("ArrowUp", { isEmpty: true })).toBe("edit_last");
    expect(act("ArrowUp", { isEmpty: true, isEditing: true })).toBeUndefined();
    expect(act("Alt+ArrowUp", { isEmpty: true })).toBeUndefined();
  });

  test("leave an edit, and nothing when there is none", () => {
    expect(act("Escape", { isEditing: true })).toBe("leave");
    expect(act("Escape")).toBeUndefined();
  });
});

test("the room that is left is told near the end, in characters as people count them", () => {
  expect(findRoom("a".repeat(3000))).toBeUndefined();
  expect(findRoom("a".repeat(4000))).toBe(96);
  expect(findRoom("a".repeat(4100))).toBe(-4);
  expect(findRoom("😀".repeat(2000))).toBeUndefined();
});
