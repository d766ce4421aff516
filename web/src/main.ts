// Starts the page: gives what the browser has to what needs it.
import type { MyProfile } from "@windi/sdk";
import { mount } from "svelte";
import App from "./App.svelte";
import { createUpdates, type TrustedTypes } from "./shell/worker.ts";
import { createMessenger } from "./state/messenger.ts";
import { createNotices } from "./state/notices.ts";
import { createPreferences } from "./state/preferences.ts";
import { createRoute } from "./state/route.ts";
import { createSession } from "./state/session.ts";
import { createStore, forgetStore } from "./state/store.ts";
import { systemClock as clock } from "./state/system-clock.ts";
import "./styles/tokens.css";
import "./styles/base.css";

const url = location.origin;

/** Undefined where the person has forbidden pages to keep anything. */
function findStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

const channelOf = (name: string) =>
  typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(name);

/** A page that is hidden may never be seen again. */
function watchHidden(hidden: () => void): () => void {
  const whenHidden = () => {
    if (document.visibilityState === "hidden") hidden();
  };
  addEventListener("pagehide", hidden);
  document.addEventListener("visibilitychange", whenHidden);
  return () => {
    removeEventListener("pagehide", hidden);
    document.removeEventListener("visibilitychange", whenHidden);
  };
}

const storage = findStorage();
const session = createSession({
  url,
  clock,
  storage,
  fetch: (address, init) => fetch(address, init),
  locks: navigator.locks,
  channel: channelOf("windi.session"),
  forget: forgetStore,
});

const updates = createUpdates({
  container: "serviceWorker" in navigator ? navigator.serviceWorker : undefined,
  trustedTypes: Reflect.get(globalThis, "trustedTypes") as TrustedTypes | undefined,
  reload: () => location.reload(),
});

const target = document.getElementById("app");
if (target)
  mount(App, {
    target,
    props: {
      session,
      preferences: createPreferences({ storage, languages: navigator.languages }),
      route: createRoute(window),
      updates,
      readHasPeople: async () => (await session.call("getServer")).has_people,
      notices: createNotices((delayMs, call) => void clock.later(delayMs, call)),
      openMessenger: (me: MyProfile) =>
        createMessenger({
          url,
          session,
          me,
          clock,
          watchHidden,
          store: createStore({
            userId: me.id,
            channel: channelOf(`windi.store.${me.id}`),
            now: () => clock.now(),
          }),
        }),
    },
  });
void session.start();
