// What keys and pointers do on the messages of the list: from one to the next, to a menu, or on to whoever shows the chat.
import { findNext, opensMenu } from "./roving.ts";
import type { Row } from "./rows.ts";

type Anchor = HTMLElement | { x: number; y: number };

interface RowEventsNeeds {
  rows: () => readonly Row[];
  find: (key: string) => Row | undefined;
  focus: (seq: number) => void;
  onmenu: (row: Row, anchor: Anchor) => void;
  /** A key that leads to no other message and to no menu. */
  onkey: (event: KeyboardEvent, row: Row) => void;
}

export function createRowEvents({ rows, find, focus, onmenu, onkey }: RowEventsNeeds) {
  const messageOf = (target: EventTarget | null) =>
    target instanceof Element ? target.closest<HTMLElement>(".message") : null;
  const rowOf = (target: EventTarget | null) => find(messageOf(target)?.dataset["key"] ?? "");

  function rest(target: EventTarget | null, point: { x: number; y: number }): void {
    const row = rowOf(target);
    if (row) onmenu(row, point);
  }

  return {
    rowOf,
    /** A pointer has rested on something. */
    rest,
    press(event: KeyboardEvent): void {
      const message = messageOf(event.target);
      const row = rowOf(message);
      if (!message || !row || event.target !== message) return;
      const next = findNext(event, rows().indexOf(row), rows().length);
      if (next === undefined && !opensMenu(event)) return onkey(event, row);
      event.preventDefault();
      if (next === undefined) onmenu(row, message.querySelector<HTMLElement>(".bubble") ?? message);
      else focus(rows()[next]?.seq ?? 0);
    },
    /** Links and what is selected have the browser's menu. */
    showMenu(event: MouseEvent): void {
      const isTheirs = (event.target as Element).closest("a") || getSelection()?.isCollapsed === false;
      if (isTheirs || !rowOf(event.target)) return;
      event.preventDefault();
      rest(event.target, { x: event.clientX, y: event.clientY });
    },
  };
}
