// What a signed-in person sees: the list of chats and the open one, side by side or, on a phone, one at a time.
import type { Clock } from "../clock.ts";
import type { Language, LanguageCode } from "../messages/language.ts";
import { createCodeField } from "../parts/code-field.ts";
import { h, setText } from "../parts/dom.ts";
import type { Route } from "../route.ts";
import type { Messenger } from "../state/messenger.ts";
import { openAccount } from "./account.ts";
import { createChatListView } from "./chat-list.ts";
import { createConversation, type Conversation } from "./conversation.ts";
import { openDetails } from "./details.ts";
import { openNewChat } from "./new-chat.ts";
import { openNewGroup } from "./new-group.ts";

interface WorkspaceNeeds {
  language: Language;
  messenger: Messenger;
  clock: Clock;
  route: Route;
  chooseLanguage: (code: LanguageCode) => void;
  onSignOut: () => void;
}

export function createWorkspace({
  language,
  messenger,
  clock,
  route,
  chooseLanguage,
  onSignOut,
}: WorkspaceNeeds) {
  let conversation: Conversation | undefined;
  let focused: string | undefined;

  const onOpen = (chatId: string) => route.open(chatId);
  const onNewGroup = () => openNewGroup({ language, messenger, onOpen });
  const list = createChatListView({
    language,
    messenger,
    onNewChat: () => openNewChat({ language, messenger, onOpen, onNewGroup }),
    onAccount: () => openAccount({ language, messenger, chooseLanguage, onSignOut }),
  });
  const nothingTitle = h("h1", { id: "no-chat-title", dir: "auto" });
  const ownCode = createCodeField({
    language,
    id: "welcome-code",
    label: language.say("your_code"),
    hint: language.say("your_code_hint"),
    code: messenger.me.id,
  });
  const nothing = h(
    "section",
    { class: "conversation no-chat", "aria-labelledby": "no-chat-title" },
    nothingTitle,
    ownCode,
  );
  const connection = h("p", { class: "connection", role: "status" });
  const notice = h("p", { class: "notice", role: "status" });
  const panes = h("div", { class: "panes" }, list.element, nothing);
  const element = h("main", { class: "workspace" }, connection, panes, notice);
  let cancelNotice = () => {};

  function showConversation(): void {
    const chat = messenger.chats.get(route.chatId() ?? "");
    if (conversation?.chat === chat) return;
    conversation?.dispose();
    conversation =
      chat &&
      createConversation({
        language,
        messenger,
        clock,
        chat,
        onBack: () => route.back(),
        onDetails: () => openDetails({ language, messenger, chat, onDeleted: () => route.leave() }),
      });
    panes.lastElementChild?.replaceWith(conversation?.element ?? nothing);
  }

  /** Without any chat, the right side says how to get one. */
  function showNothing(): void {
    const isNew = messenger.chats.isLoaded() && messenger.chats.all().length === 0;
    setText(
      nothingTitle,
      isNew ? language.say("welcome", { name: messenger.me.name }) : language.say("no_chat"),
    );
    ownCode.hidden = !isNew;
  }

  /** Focus follows the eye: into the chat that was opened, back to the row that it was opened from. */
  function moveFocus(): void {
    const chatId = conversation?.chat.id;
    if (chatId === focused) return;
    if (conversation) conversation.focus(window.matchMedia("(hover: hover) and (pointer: fine)").matches);
    else if (focused !== undefined) list.focus(focused);
    focused = chatId;
  }

  function update(): void {
    showConversation();
    if (!conversation) showNothing();
    element.classList.toggle("has-chat", conversation !== undefined);
    list.update(conversation?.chat.id, clock.now());
    conversation?.update();
    setText(connection, messenger.isLate() ? language.say("connecting") : "");
    moveFocus();
  }

  return {
    element,
    update,
    reportSeen: () => conversation?.reportSeen(),
    /** Tells something in passing. */
    notify(sentence: string): void {
      setText(notice, sentence);
      cancelNotice();
      cancelNotice = clock.later(6_000, () => setText(notice, ""));
    },
    dispose(): void {
      cancelNotice();
      conversation?.dispose();
    },
  };
}

export type Workspace = ReturnType<typeof createWorkspace>;
