// One message: author, text, time, and for own ones how far it has come.
import type { Language } from "../messages/language.ts";
import { avatar } from "../parts/avatar.ts";
import { arrange, h } from "../parts/dom.ts";
import { describeCode } from "../parts/failure-text.ts";
import { type IconName, labelledIcon } from "../parts/icons.ts";
import { splitLinks } from "../state/links.ts";
import type { MessageRow, MessageStatus } from "../state/rows.ts";

interface MessageNeeds {
  language: Language;
  row: MessageRow;
  /** Several people write here, so each message shows whose it is. */
  isGroup: boolean;
  onRetry: (key: string) => void;
  onDiscard: (key: string) => void;
}

export interface MessageView {
  element: HTMLElement;
  update: (row: MessageRow) => void;
}

const icons: Record<MessageStatus, IconName> = {
  sending: "clock",
  failed: "alert",
  sent: "check",
  read: "checks",
};
const words = { sending: "sending", failed: "not_sent", sent: "sent", read: "read" } as const;

/** Longer texts are folded, so that one message does not fill the screen. */
const isLong = (text: string) => text.length > 1200 || text.split("\n", 16).length > 14;

export function createMessageView({ language, row, isGroup, onRetry, onDiscard }: MessageNeeds): MessageView {
  const { message } = row;
  const author = h("span", { dir: "auto" }, message.isOwn ? language.say("you") : message.sender.name);
  const time = h("time", {});
  const status = h("span", { class: "message-status" });
  const meta = h("span", { class: "message-meta" }, h("span", { dir: "ltr" }, time, status));
  const text = h("div", { class: "message-text", dir: "auto" }, ...renderText(message.text), meta);
  const bubble = h("div", { class: "bubble" }, author, text);
  const troubles = h("div", { class: "message-troubles" });
  const element = h(
    "article",
    { class: `message ${message.isOwn ? "is-own" : ""}` },
    isGroup && !message.isOwn && avatar(message.sender.id, message.sender.name),
    bubble,
    troubles,
  );
  let shownAt = 0;
  let shownStatus: MessageStatus | undefined;
  if (isLong(message.text)) fold();

  function fold(): void {
    const button = h("button", { type: "button", class: "link" }, language.say("show_all"));
    const foot = h("div", { class: "bubble-foot" }, button, meta);
    button.addEventListener("click", () => {
      text.classList.remove("is-folded");
      text.append(meta);
      foot.remove();
    });
    text.classList.add("is-folded");
    bubble.append(foot);
  }

  function showStatus(next: MessageRow): void {
    const { status: state, pending, key } = next.message;
    if (state === shownStatus) return;
    shownStatus = state;
    status.replaceChildren(...(state ? [labelledIcon(icons[state], language.say(words[state]))] : []));
    element.classList.toggle("is-failed", state === "failed");
    const reason = pending?.failure
      ? `${language.say("not_sent")}. ${describeCode(language, pending.failure)}`
      : "";
    arrange(
      troubles,
      state === "failed"
        ? [
            h("span", {}, reason),
            h(
              "button",
              { type: "button", class: "link", onclick: () => onRetry(key) },
              language.say("retry"),
            ),
            h(
              "button",
              { type: "button", class: "link", onclick: () => onDiscard(key) },
              language.say("discard"),
            ),
          ]
        : [],
    );
  }

  function update(next: MessageRow): void {
    element.classList.toggle("starts-group", next.startsGroup);
    element.classList.toggle("ends-group", next.endsGroup);
    author.className = isGroup && !message.isOwn && next.startsGroup ? "author" : "unseen";
    if (next.message.at !== shownAt) {
      shownAt = next.message.at;
      time.dateTime = new Date(shownAt).toISOString();
      time.title = language.dates.full(shownAt);
      time.textContent = language.dates.time(shownAt);
    }
    showStatus(next);
  }

  update(row);
  return { element, update };
}

const renderText = (text: string) =>
  splitLinks(text).map((piece) =>
    piece.href === undefined
      ? piece.text
      : h("a", { href: piece.href, target: "_blank", rel: "noopener noreferrer" }, piece.text),
  );
