import { describe, expect, test } from "bun:test";
import { findShortcut, isShortcut, nameKeys, shortcuts, type Press, type ShortcutName } from "./shortcuts.ts";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  ...more,
});
const names = Object.keys(shortcuts) as ShortcutName[];
const find = (pressed: Press, { isApple = false, isWriting = false } = {}) =>
  findShortcut(names, pressed, { isApple, isWriting });

describe("a shortcut", () => {
  test("is Command on Apple's machines and Control elsewhere", () => {
    expect(find(press("k", { ctrlKey: true }))).toBe("switcher");
    expect(find(press("k", { metaKey: true }))).toBeUndefined();
    expect(find(press("k", { metaKey: true }), { isApple: true })).toBe("switcher");
    expect(find(press("k", { ctrlKey: true }), { isApple: true })).toBeUndefined();
  });

  test("is found by the place of its key where another alphabet is on it", () => {
    expect(find(press("л", { code: "KeyK", ctrlKey: true }))).toBe("switcher");
    expect(find(press("т", { code: "KeyN" }))).toBe("anyUnread");
    expect(find(press("j", { code: "KeyK", ctrlKey: true }))).toBeUndefined();
  });

  test("needs exactly its modifiers", () => {
    expect(find(press("ArrowUp", { altKey: true }))).toBe("previousChat");
    expect(find(press("ArrowUp", { altKey: true, shiftKey: true }))).toBe("previousUnread");
    expect(find(press("ArrowUp", { altKey: true, ctrlKey: true }))).toBeUndefined();
  });

  test("that is a letter or a sign is none while somebody writes", () => {
    expect(find(press("n"))).toBe("anyUnread");
    expect(find(press("n"), { isWriting: true })).toBeUndefined();
    expect(find(press("?", { shiftKey: true }))).toBe("overview");
    expect(find(press("?", { shiftKey: true }), { isWriting: true })).toBeUndefined();
    expect(find(press("/", { ctrlKey: true }), { isWriting: true })).toBe("overview");
  });

  test("is none while an input method composes", () => {
    expect(find(press("k", { ctrlKey: true, isComposing: true }))).toBeUndefined();
    expect(isShortcut("send", press("Enter", { isComposing: true }), { isApple: false })).toBe(false);
    expect(isShortcut("send", press("Enter"), { isApple: false })).toBe(true);
  });

  test("is named as it stands on the keyboard", () => {
    expect(nameKeys("Mod+K", { isApple: false })).toEqual(["Ctrl", "K"]);
    expect(nameKeys("Alt+Shift+ArrowUp", { isApple: true })).toEqual(["⌥", "⇧", "↑"]);
  });
});
