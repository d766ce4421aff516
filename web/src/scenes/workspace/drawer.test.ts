import { expect, test } from "bun:test";
import { createDrawer } from "./drawer.ts";

/** A browser with one tab: entries of the history, and who listens. */
function setUp(isCovering: boolean) {
  const entries: { state: unknown; hash: string }[] = [{ state: { depth: 1 }, hash: "#/chats/a" }];
  const listeners = new Map<string, () => void>();
  const history = {
    get state(): unknown {
      return entries.at(-1)?.state;
    },
    pushState: (state: unknown, _: string, hash: string) => void entries.push({ state, hash }),
    back() {
      entries.pop();
      listeners.get("popstate")?.();
    },
  };
  const window = {
    history,
    location: {
      get hash(): string {
        return entries.at(-1)?.hash ?? "";
      },
    },
    matchMedia: () => ({ matches: isCovering }),
    addEventListener: (type: string, listener: () => void) => void listeners.set(type, listener),
    removeEventListener: (type: string) => void listeners.delete(type),
  };
  const drawer = createDrawer(window as never);
  function goTo(hash: string) {
    history.pushState({ depth: 3 }, "", hash);
    listeners.get("hashchange")?.();
  }
  return { drawer, entries, history, goTo, listeners };
}

test("where the details lie beside the conversation they are no entry of the history", () => {
  const { drawer, entries, goTo } = setUp(false);
  drawer.toggle();
  expect(drawer.get()).toBe(true);
  expect(entries).toHaveLength(1);
  goTo("#/chats/b");
  expect(drawer.get()).toBe(true);
  drawer.close();
  expect(drawer.get()).toBe(false);
  expect(entries).toHaveLength(2);
});

test("where they cover the page, back closes them and stays in the chat", () => {
  const { drawer, entries, history } = setUp(true);
  drawer.toggle();
  expect(entries.map(({ hash }) => hash)).toEqual(["#/chats/a", "#/chats/a"]);
  history.back();
  expect(drawer.get()).toBe(false);
  expect(entries).toHaveLength(1);
});

test("to close them by their button leaves no entry behind", () => {
  const { drawer, entries } = setUp(true);
  drawer.toggle();
  drawer.toggle();
  expect(drawer.get()).toBe(false);
  expect(entries).toHaveLength(1);
});

test("whoever goes elsewhere from details that cover the page sees that place", () => {
  const { drawer, entries, goTo } = setUp(true);
  drawer.toggle();
  goTo("#/chats/b");
  expect(drawer.get()).toBe(false);
  drawer.close();
  expect(entries).toHaveLength(3);
});

test("at its end it hears nothing more", () => {
  const { drawer, listeners } = setUp(true);
  drawer.dispose();
  expect(listeners.size).toBe(0);
});
