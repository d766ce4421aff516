// The page as a whole: which scene is shown, who is signed in, which language; every long-lived part is built here.
import type { UserInfo } from "@windi/protocol";
import { createBrowserStorage } from "./browser-storage.ts";
import { createBrowserClock } from "./clock.ts";
import type { SentenceKey } from "./messages/catalogue.ts";
import { chooseLanguage, createLanguage, isLanguageCode, type LanguageCode } from "./messages/language.ts";
import { h } from "./parts/dom.ts";
import { createRoute } from "./route.ts";
import { createSignIn, type SignInMode } from "./scenes/sign-in.ts";
import { createWorkspace, type Workspace } from "./scenes/workspace.ts";
import { nameChat } from "./state/chat.ts";
import { createMessenger, type Messenger } from "./state/messenger.ts";
import { createOutbox } from "./state/outbox.ts";
import { ApiError, createApi } from "./wire/api.ts";
import { backoffMs } from "./wire/backoff.ts";

/** @param root Where the scenes go. */
export function startApp(root: HTMLElement): void {
  const clock = createBrowserClock();
  const storage = createBrowserStorage(window);
  const api = createApi(storage.token);
  const route = createRoute({ window, onChange: handleRoute });
  let language = readLanguage();
  let messenger: Messenger | undefined;
  let workspace: Workspace | undefined;
  let mode: SignInMode = "sign_in";
  /** What a session leaves to the next one of the same person. */
  let left = createRemains("");
  let isUpdateDue = false;

  function readLanguage() {
    const kept = storage.language();
    const code = kept !== undefined && isLanguageCode(kept) ? kept : chooseLanguage(navigator.languages);
    document.documentElement.lang = code;
    return createLanguage(code, navigator.languages);
  }

  function createRemains(ownerId: string) {
    const outbox = createOutbox({
      clock,
      newKey,
      // Only in its owner's name, whoever is signed in meanwhile.
      transmit: (chatId, message) => messenger?.me.id === ownerId && messenger.transmit(chatId, message),
      onSilence: () => messenger?.reconnect(),
      onChange: scheduleUpdate,
    });
    return { ownerId, outbox, drafts: new Map<string, string>() };
  }

  /** Several changes in one go are drawn once. */
  function scheduleUpdate(): void {
    if (isUpdateDue) return;
    isUpdateDue = true;
    queueMicrotask(() => {
      isUpdateDue = false;
      update();
    });
  }

  function update(): void {
    workspace?.update();
    const unread = (messenger?.chats.all() ?? []).filter((chat) => chat.marks.countUnread() > 0).length;
    document.title = unread > 0 ? `(${unread}) ${language.say("app")}` : language.say("app");
  }

  function handleRoute(): void {
    messenger?.open(route.chatId());
    scheduleUpdate();
  }

  function showSignIn(notice?: SentenceKey): void {
    const scene = createSignIn({
      language,
      api,
      mode,
      notice,
      onSignedIn(token) {
        storage.setToken(token);
        void resume();
      },
      onMode(next) {
        mode = next;
        showSignIn();
      },
      chooseLanguage: changeLanguage,
    });
    root.replaceChildren(scene);
    // On a phone the keyboard would cover what a stranger came to read.
    if (window.matchMedia("(pointer: fine)").matches) scene.querySelector("input")?.focus();
    update();
  }

  /** Asks who the token belongs to; until the server answers, there is only a quiet line. */
  async function resume(): Promise<void> {
    root.replaceChildren(
      h("main", { class: "waiting" }, h("p", { class: "late", role: "status" }, language.say("connecting"))),
    );
    for (let attempt = 0; ; attempt++) {
      try {
        return enter(await api.getMe());
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code === "unauthenticated") return endSession("session_ended");
        await new Promise<void>((resolve) => void clock.later(backoffMs(attempt, clock.random), resolve));
      }
    }
  }

  function enter(me: UserInfo): void {
    if (left.ownerId !== me.id) left = createRemains(me.id);
    messenger = createMessenger({
      me,
      api,
      clock,
      outbox: left.outbox,
      drafts: left.drafts,
      socketAddress,
      isVisible: () => document.visibilityState === "visible",
      onChange: scheduleUpdate,
      onSessionEnd: () => endSession("session_ended"),
      onChatGone(chat) {
        if (route.chatId() !== chat.id) return;
        workspace?.notify(language.say("chat_gone", { name: nameChat(chat.info, me.id) }));
        route.leave();
      },
    });
    messenger.open(route.chatId());
    showWorkspace(messenger);
    messenger.start();
  }

  function showWorkspace(active: Messenger): void {
    workspace?.dispose();
    workspace = createWorkspace({
      language,
      messenger: active,
      clock,
      route,
      chooseLanguage: changeLanguage,
      onSignOut() {
        left = createRemains("");
        endSession();
        route.leave();
      },
    });
    root.replaceChildren(workspace.element);
    update();
  }

  function endSession(notice?: SentenceKey): void {
    storage.setToken(undefined);
    messenger?.dispose();
    messenger = undefined;
    workspace?.dispose();
    workspace = undefined;
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    mode = "sign_in";
    showSignIn(notice);
  }

  function changeLanguage(code: LanguageCode): void {
    storage.setLanguage(code);
    language = readLanguage();
    if (messenger) showWorkspace(messenger);
    else showSignIn();
  }

  function socketAddress(): string {
    const address = new URL("/ws", window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("token", storage.token() ?? "");
    return address.href;
  }

  function wake(): void {
    if (document.visibilityState === "visible") messenger?.wake();
    workspace?.reportSeen();
  }
  window.addEventListener("focus", wake);
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("beforeunload", (event) => {
    if (!left.outbox.isEmpty()) event.preventDefault();
  });

  if (storage.token() === undefined) showSignIn();
  else void resume();
}

/** 128 random bits; `crypto.randomUUID` is missing where the page comes over plain HTTP. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
