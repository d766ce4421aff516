// Where the person is, as the address says it: each place has one address, and back and forward work.
import { createObservable, type Observable } from "@windi/sdk";

export const settingsPages = ["account", "devices", "appearance", "chats", "notifications"] as const;
export type SettingsPage = (typeof settingsPages)[number];

export type Place =
  | { readonly scene: "list" }
  /** `seq`: a message to show; else the place where the person left the chat, or its first unread message. */
  | { readonly scene: "chat"; readonly chatId: string; readonly seq?: number }
  | { readonly scene: "settings"; readonly page?: SettingsPage };

const chatPattern = /^#\/chats\/([0-9a-f-]{36})(?:\/([1-9]\d{0,9}))?$/i;
const settingsPattern = /^#\/settings(?:\/(\w+))?$/;

export function readPlace(hash: string): Place {
  const [chat, chatId = "", seq] = chatPattern.exec(hash) ?? [];
  if (chat !== undefined)
    return { scene: "chat", chatId: chatId.toLowerCase(), ...(seq && { seq: Number(seq) }) };
  const [settings, name] = settingsPattern.exec(hash) ?? [];
  if (settings === undefined) return { scene: "list" };
  const page = settingsPages.find((known) => known === name);
  return { scene: "settings", ...(page && { page }) };
}

export function addressOf(place: Place): string {
  if (place.scene === "chat") return `#/chats/${place.chatId}${place.seq ? `/${place.seq}` : ""}`;
  if (place.scene === "settings") return `#/settings${place.page ? `/${place.page}` : ""}`;
  return "#/";
}

export interface Route extends Observable<Place> {
  /** Goes there with an entry in the history, so that "back" returns; `replace`: instead of the present entry. */
  go(place: Place, options?: { replace?: boolean }): void;
  /** To where the person came from; to the list where there is no such place of ours. */
  back(): void;
  dispose(): void;
}

type HistoryWindow = Pick<Window, "location" | "history" | "addEventListener" | "removeEventListener">;

export function createRoute(window: HistoryWindow): Route {
  const place = createObservable(readPlace(window.location.hash));

  function follow(): void {
    const next = readPlace(window.location.hash);
    if (addressOf(next) !== addressOf(place.get())) place.set(next);
  }
  window.addEventListener("popstate", follow);
  window.addEventListener("hashchange", follow);

  /** How many entries of ours are before the present one. */
  const depth = (): number => {
    const state: unknown = window.history.state;
    return typeof state === "object" && state && "depth" in state ? Number(state.depth) : 0;
  };

  const route: Route = {
    get: place.get,
    subscribe: place.subscribe,
    go(next, { replace = false } = {}) {
      const address = addressOf(next);
      if (address === addressOf(place.get())) return;
      if (replace) window.history.replaceState({ depth: depth() }, "", address);
      else window.history.pushState({ depth: depth() + 1 }, "", address);
      follow();
    },
    back() {
      if (depth() > 0) window.history.back();
      else route.go({ scene: "list" }, { replace: true });
    },
    dispose() {
      window.removeEventListener("popstate", follow);
      window.removeEventListener("hashchange", follow);
    },
  };
  return route;
}
