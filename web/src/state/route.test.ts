import { describe, expect, test } from "bun:test";
import { addressOf, createRoute, readPlace, type Place } from "./route.ts";

const chatId = "0197a1c2-1d00-7000-8000-0000000c4a71";

/** As much of a window as a route needs: a history, and what it tells of. */
function createWindow(hash = "") {
  const entries: { hash: string; state: unknown }[] = [{ hash, state: null }];
  let at = 0;
  const listeners = new Map<string, () => void>();
  const tell = () => listeners.get("popstate")?.();
  const window = {
    location: {
      get hash() {
        return entries[at]?.hash ?? "";
      },
    },
    history: {
      get state() {
        return entries[at]?.state;
      },
      pushState(state: unknown, _: string, address: string) {
        entries.splice(++at, entries.length, { hash: address, state });
      },
      replaceState(state: unknown, _: string, address: string) {
        entries[at] = { hash: address, state };
      },
      back() {
        if (at > 0) at--;
        tell();
      },
    },
    addEventListener: (name: string, listener: () => void) => void listeners.set(name, listener),
    removeEventListener: (name: string) => void listeners.delete(name),
  } as unknown as Window;
  return { window, listeners, count: () => entries.length };
}

describe("an address", () => {
  const places: Place[] = [
    { scene: "list" },
    { scene: "chat", chatId },
    { scene: "chat", chatId, seq: 17 },
    { scene: "settings" },
    { scene: "settings", page: "devices" },
  ];

  test("names its place, and the place its address", () => {
    for (const place of places) expect(readPlace(addressOf(place))).toEqual(place);
  });

  test("that names nothing is the list", () => {
    for (const hash of ["", "#", "#/chats/", "#/chats/x", `#/chats/${chatId}/0`, "#/nowhere"])
      expect(readPlace(hash)).toEqual({ scene: "list" });
  });

  test("of settings that are unknown is the settings", () => {
    expect(readPlace("#/settings/unknown")).toEqual({ scene: "settings" });
  });
});

describe("a route", () => {
  test("goes to a place and back to where the person was", () => {
    const { window } = createWindow("#/");
    const route = createRoute(window);
    route.go({ scene: "chat", chatId });
    route.go({ scene: "settings" });
    route.back();
    expect(route.get()).toEqual({ scene: "chat", chatId });
  });

  test("goes back to the list where the person came from elsewhere", () => {
    const { window } = createWindow(`#/chats/${chatId}`);
    const route = createRoute(window);
    route.back();
    expect(route.get()).toEqual({ scene: "list" });
  });

  test("makes no entry for the place where the person is already", () => {
    const { window, count } = createWindow("#/");
    const route = createRoute(window);
    route.go({ scene: "chat", chatId });
    route.go({ scene: "chat", chatId });
    expect(count()).toBe(2);
  });

  test("tells its listeners once for each place", () => {
    const { window } = createWindow("#/");
    const route = createRoute(window);
    const seen: string[] = [];
    route.subscribe((place) => seen.push(addressOf(place)));
    route.go({ scene: "settings" });
    route.back();
    expect(seen).toEqual(["#/", "#/settings", "#/"]);
  });

  test("listens no more when it is disposed", () => {
    const { window, listeners } = createWindow();
    createRoute(window).dispose();
    expect(listeners.size).toBe(0);
  });
});
