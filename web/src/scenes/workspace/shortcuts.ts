// Every keyboard shortcut of the client, once: those who handle keys ask here, and the overview shows the same table.
import type { SentenceKey } from "../../messages/catalogue.ts";

interface Shortcut {
  readonly says: SentenceKey;
  readonly group: "shortcuts_places" | "shortcuts_writing" | "shortcuts_list";
  /** `Mod` is Command on Apple's machines, else Control. Each of them does it. */
  readonly keys: readonly [string, ...string[]];
  /** Only while nobody writes: else the key is a letter of their text. */
  readonly isLetter?: true;
}

export const shortcuts = {
  switcher: { says: "shortcut_switcher", group: "shortcuts_places", keys: ["Mod+K"] },
  previousChat: { says: "shortcut_previous_chat", group: "shortcuts_places", keys: ["Alt+ArrowUp"] },
  nextChat: { says: "shortcut_next_chat", group: "shortcuts_places", keys: ["Alt+ArrowDown"] },
  previousUnread: {
    says: "shortcut_previous_unread",
    group: "shortcuts_places",
    keys: ["Alt+Shift+ArrowUp"],
  },
  nextUnread: { says: "shortcut_next_unread", group: "shortcuts_places", keys: ["Alt+Shift+ArrowDown"] },
  anyUnread: { says: "shortcut_any_unread", group: "shortcuts_places", keys: ["N"], isLetter: true },
  overview: { says: "shortcuts", group: "shortcuts_places", keys: ["?", "Mod+/"] },
  send: { says: "shortcut_send", group: "shortcuts_writing", keys: ["Enter"] },
  newLine: { says: "shortcut_new_line", group: "shortcuts_writing", keys: ["Shift+Enter"] },
  editLast: { says: "shortcut_edit_last", group: "shortcuts_writing", keys: ["ArrowUp"] },
  leaveEdit: { says: "shortcut_escape", group: "shortcuts_writing", keys: ["Escape"] },
  moveInList: { says: "shortcut_move", group: "shortcuts_list", keys: ["ArrowUp", "ArrowDown"] },
  openInList: { says: "shortcut_open", group: "shortcuts_list", keys: ["Enter"] },
  listMenu: { says: "shortcut_menu", group: "shortcuts_list", keys: ["Shift+F10", "ContextMenu"] },
} as const satisfies Record<string, Shortcut>;

export type ShortcutName = keyof typeof shortcuts;

export type Press = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "isComposing"
>;

/** Whether the press is this shortcut. While an input method composes, no press is one. */
export function isShortcut(name: ShortcutName, press: Press, { isApple }: { isApple: boolean }): boolean {
  return !press.isComposing && shortcuts[name].keys.some((keys) => fits(keys, press, isApple));
}

/** The shortcut of the whole page that was pressed; letters only while nobody writes. */
export function findShortcut(
  names: readonly ShortcutName[],
  press: Press,
  { isApple, isWriting }: { isApple: boolean; isWriting: boolean },
): ShortcutName | undefined {
  return names.find((name) => {
    const { keys, isLetter }: Shortcut = shortcuts[name];
    return (
      !press.isComposing &&
      keys.some((each) => fits(each, press, isApple) && !(isWriting && (isLetter || each === "?")))
    );
  });
}

function fits(keys: string, press: Press, isApple: boolean): boolean {
  const parts = keys.split("+");
  const key = parts.at(-1) ?? "";
  const isModified = isApple ? press.metaKey && !press.ctrlKey : press.ctrlKey && !press.metaKey;
  // On which level of its key a sign lies depends on the layout.
  const isSign = /^[^\p{L}\p{N}]$/u.test(key);
  return (
    isSameKey(key, press) &&
    (parts.includes("Mod") ? isModified : !press.ctrlKey && !press.metaKey) &&
    parts.includes("Alt") === press.altKey &&
    (isSign || parts.includes("Shift") === press.shiftKey)
  );
}

/** By what the key writes, or where another alphabet is on it, by its place. */
const isSameKey = (key: string, { key: pressed, code }: Press): boolean =>
  pressed.toLowerCase() === key.toLowerCase() ||
  (/^[A-Z]$/.test(key) && !/^[a-z]$/i.test(pressed) && code === `Key${key}`) ||
  (key === "/" && code === "Slash" && !/^[\p{P}\p{S}]$/u.test(pressed));

/** Keys as a person reads them on their keyboard. */
export function nameKeys(keys: string, { isApple }: { isApple: boolean }): string[] {
  const names: Record<string, string> = {
    Mod: isApple ? "⌘" : "Ctrl",
    Alt: isApple ? "⌥" : "Alt",
    Shift: isApple ? "⇧" : "Shift",
    ArrowUp: "↑",
    ArrowDown: "↓",
    Escape: "Esc",
    ContextMenu: "≣",
  };
  return keys.split("+").map((key) => names[key] ?? key);
}

export const isAppleMachine = (platform: string): boolean => /mac|iphone|ipad/i.test(platform);

/** Whether keys go into a text there. */
export const isTextField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !/^(checkbox|radio|button|submit|range)$/.test(target.type)));
