// Moving among messages with the keyboard: one of them at a time has the focus.

type Press = Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">;

/** Index of the message that a key leads to; undefined when it leads nowhere. */
export function findNext(press: Press, at: number, count: number): number | undefined {
  if (press.altKey || press.ctrlKey || press.metaKey || press.shiftKey) return undefined;
  const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[press.key];
  return next === undefined ? undefined : Math.max(0, Math.min(next, count - 1));
}

export const opensMenu = ({ key, shiftKey }: Press): boolean =>
  key === "Enter" || key === "ContextMenu" || (shiftKey && key === "F10");
