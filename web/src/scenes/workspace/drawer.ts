// Whether the details are open. Where they cover the page, they are an entry of the history: "back" closes them.
import { createObservable, type Observable } from "@windi/sdk";

export interface Drawer extends Observable<boolean> {
  toggle(): void;
  close(): void;
  dispose(): void;
}

type DrawerWindow = Pick<
  Window,
  "history" | "location" | "matchMedia" | "addEventListener" | "removeEventListener"
>;

export function createDrawer(window: DrawerWindow): Drawer {
  const isOpen = createObservable(false);
  /** The address above which the drawer lies as an entry of its own. */
  let coveredAddress: string | undefined;

  const read = (): Record<string, unknown> => {
    const state: unknown = window.history.state;
    return typeof state === "object" && state ? { ...state } : {};
  };

  function follow(): void {
    if (coveredAddress === undefined || read()["isDrawer"] === true) return;
    coveredAddress = undefined;
    isOpen.set(false);
  }
  window.addEventListener("popstate", follow);
  // Whoever goes elsewhere from a drawer that covers the page sees that place.
  window.addEventListener("hashchange", follow);

  function open(): void {
    if (window.matchMedia("(max-width: 899px)").matches) {
      const { depth } = read();
      coveredAddress = window.location.hash;
      const state = { depth: Number(depth ?? 0) + 1, isDrawer: true };
      window.history.pushState(state, "", window.location.hash);
    }
    isOpen.set(true);
  }

  function close(): void {
    const isEntry = coveredAddress === window.location.hash && read()["isDrawer"] === true;
    coveredAddress = undefined;
    isOpen.set(false);
    if (isEntry) window.history.back();
  }

  return {
    get: isOpen.get,
    subscribe: isOpen.subscribe,
    toggle: () => (isOpen.get() ? close() : open()),
    close,
    dispose() {
      window.removeEventListener("popstate", follow);
      window.removeEventListener("hashchange", follow);
    },
  };
}
