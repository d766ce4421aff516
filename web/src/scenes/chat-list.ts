// The list of chats, with the ways to start one and to one's own account.
import type { Language } from "../messages/language.ts";
import { avatar } from "../parts/avatar.ts";
import { arrange, h } from "../parts/dom.ts";
import { icon } from "../parts/icons.ts";
import type { Messenger } from "../state/messenger.ts";
import { createChatRow, type ChatRow } from "./chat-row.ts";

interface ChatListNeeds {
  language: Language;
  messenger: Messenger;
  onNewChat: () => void;
  onAccount: () => void;
}

export function createChatListView({ language, messenger, onNewChat, onAccount }: ChatListNeeds) {
  const { me, chats } = messenger;
  const rows = new Map<string, ChatRow>();
  const list = h("ul", { class: "chat-rows" });
  const loading = h("p", { class: "list-note late" }, language.say("chats_loading"));
  const empty = h(
    "div",
    { class: "list-note" },
    h("p", {}, language.say("chats_empty")),
    h("button", { type: "button", class: "primary", onclick: onNewChat }, language.say("new_chat")),
  );

  const element = h(
    "nav",
    { class: "chat-list", "aria-label": language.say("chats") },
    h(
      "header",
      { class: "pane-header" },
      h(
        "button",
        {
          type: "button",
          class: "quiet icon-only",
          "aria-label": language.say("account", { name: me.name }),
          onclick: onAccount,
        },
        avatar(me.id, me.name),
      ),
      h("h1", {}, language.say("chats")),
      h(
        "button",
        {
          type: "button",
          class: "quiet icon-only",
          "aria-label": language.say("new_chat"),
          onclick: onNewChat,
        },
        icon("plus"),
      ),
    ),
    list,
    loading,
    empty,
  );

  return {
    element,
    /** The link of a chat, to give it the focus. */
    focus: (chatId: string) => rows.get(chatId)?.element.querySelector("a")?.focus(),
    update(openChatId: string | undefined, now: number): void {
      const all = chats.all();
      const ids = new Set(all.map((chat) => chat.id));
      for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
      const elements = all.map((chat) => {
        const row = rows.get(chat.id) ?? createChatRow({ language, messenger, chat });
        rows.set(chat.id, row);
        row.update(chat.id === openChatId, now);
        return row.element;
      });
      arrange(list, elements);
      list.hidden = all.length === 0;
      loading.hidden = chats.isLoaded();
      empty.hidden = !chats.isLoaded() || all.length > 0;
    },
  };
}

export type ChatListView = ReturnType<typeof createChatListView>;
