// What a key does in the field where messages are written.

export type KeyAct = "send" | "edit_last" | "leave" | "choose" | "next" | "previous";

type Press = Pick<
  KeyboardEvent,
  "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey" | "isComposing" | "keyCode"
>;

export interface ComposerState {
  readonly enterSends: boolean;
  /** On the keyboard of a screen Enter always begins a line. */
  readonly isTouch: boolean;
  readonly isEmpty: boolean;
  readonly isEditing: boolean;
  readonly isChoosing: boolean;
}

/** Undefined: the key writes. */
export function findAct(press: Press, state: ComposerState): KeyAct | undefined {
  // While an input method composes, its keys are its own; 229 is what old ones say.
  if (press.isComposing || press.keyCode === 229) return undefined;
  const { key, shiftKey, altKey } = press;
  const isModified = press.ctrlKey || press.metaKey;
  if (state.isChoosing && !isModified && !altKey && !shiftKey) {
    const acts: Partial<Record<string, KeyAct>> = {
      Enter: "choose",
      Tab: "choose",
      ArrowDown: "next",
      ArrowUp: "previous",
      Escape: "leave",
    };
    if (acts[key]) return acts[key];
  }
  if (key === "Enter" && !shiftKey && !altKey)
    return isModified || (state.enterSends && !state.isTouch) ? "send" : undefined;
  if (isModified || altKey || shiftKey) return undefined;
  if (key === "ArrowUp" && state.isEmpty && !state.isEditing) return "edit_last";
  return key === "Escape" && state.isEditing ? "leave" : undefined;
}

/** The contract's limit, in characters as the server counts them. */
export const mostCharacters = 4096;
const warnFrom = 3800;

/** How many are left when that is worth a word; less than none when they are too many. */
export function findRoom(text: string): number | undefined {
  if (text.length < warnFrom) return undefined;
  const room = mostCharacters - Array.from(text.trim()).length;
  return room <= mostCharacters - warnFrom ? room : undefined;
}
