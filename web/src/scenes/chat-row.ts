// One chat in the list: name, last message or draft or who is typing, time, unread mark.
import type { Language } from "../messages/language.ts";
import { avatar } from "../parts/avatar.ts";
import { h, set, setText } from "../parts/dom.ts";
import { chatAddress } from "../route.ts";
import { type Chat, findPartner, nameChat } from "../state/chat.ts";
import type { Messenger } from "../state/messenger.ts";
import { describeTyping } from "./typing-text.ts";

interface ChatRowNeeds {
  language: Language;
  messenger: Messenger;
  chat: Chat;
}

export interface ChatRow {
  element: HTMLElement;
  update: (isOpen: boolean, now: number) => void;
}

const mostCounted = 99;

export function createChatRow({ language, messenger, chat }: ChatRowNeeds): ChatRow {
  const { me } = messenger;
  const name = h("span", { class: "row-name", dir: "auto" });
  const time = h("time", { class: "row-time" });
  const who = h("span");
  const what = h("bdi");
  const preview = h("span", { class: "row-preview" }, who, what);
  const badge = h("span", { class: "badge", "aria-hidden": "true" });
  const unread = h("span", { class: "unseen" });
  const kind = h(
    "span",
    { class: "unseen" },
    language.say(chat.info.type === "group" ? "group_chat" : "personal_chat"),
  );
  const partner = findPartner(chat.info, me.id);
  const link = h(
    "a",
    { href: chatAddress(chat.id), class: "chat-row" },
    avatar(partner?.id ?? chat.id, nameChat(chat.info, me.id), chat.info.type),
    h("span", { class: "row-line" }, name, kind, time),
    h("span", { class: "row-line" }, preview, badge, unread),
  );

  /** The one line below the name: who, what, and its kind for the style. */
  function describe(isOpen: boolean): { who?: string; text: string; kind?: "typing" | "draft" } {
    const typing = describeTyping(language, messenger, chat);
    if (typing !== undefined) return { text: typing, kind: "typing" };
    const draft = messenger.draft(chat);
    if (draft !== "" && !isOpen) return { who: language.say("draft"), text: draft, kind: "draft" };
    const waiting = messenger.pending(chat).at(-1);
    if (waiting) return { who: language.say("you_say"), text: waiting.text };
    const latest = chat.log.messages.at(-1);
    if (!latest) return { text: "" };
    if (latest.sender.id === me.id) return { who: language.say("you_say"), text: latest.text };
    if (chat.info.type === "personal") return { text: latest.text };
    return { who: language.say("someone_says", { name: latest.sender.name }), text: latest.text };
  }

  function showUnread(count: number): void {
    badge.hidden = count === 0;
    badge.classList.toggle("is-dot", !chat.isCounted);
    setText(badge, !chat.isCounted ? "" : count > mostCounted ? `${mostCounted}+` : String(count));
    const words = chat.isCounted ? language.count("unread", count) : language.say("unread_some");
    setText(unread, count === 0 ? "" : words);
    link.classList.toggle("is-unread", count > 0);
  }

  return {
    element: h("li", {}, link),
    update(isOpen, now) {
      setText(name, nameChat(chat.info, me.id));
      const line = describe(isOpen);
      setText(who, line.who === undefined ? "" : `${line.who} `);
      setText(what, line.text.slice(0, 200));
      set(preview, { class: `row-preview ${line.kind ?? ""}` });
      const latest = chat.log.messages.at(-1);
      setText(time, latest ? language.dates.short(Date.parse(latest.created_at), now) : "");
      set(time, { datetime: latest?.created_at });
      showUnread(isOpen ? 0 : chat.marks.countUnread());
      set(link, { "aria-current": isOpen ? "page" : undefined });
    },
  };
}
