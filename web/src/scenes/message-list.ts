// The messages of the open chat: where one looks stays where it is, and what was seen is reported as read.
import type { Clock } from "../clock.ts";
import type { Language } from "../messages/language.ts";
import { arrange, h } from "../parts/dom.ts";
import { icon } from "../parts/icons.ts";
import type { Chat } from "../state/chat.ts";
import type { Messenger } from "../state/messenger.ts";
import { buildRows, type Row } from "../state/rows.ts";
import { createMessageView, type MessageView } from "./message.ts";

interface MessageListNeeds {
  language: Language;
  messenger: Messenger;
  clock: Clock;
  chat: Chat;
}

/** This near to the end counts as being there. */
const endPx = 50;
/** Older messages are asked for when this little is left above. */
const topPx = 400;
/** A message counts as read when it was in sight for this long. */
const seenMs = 300;

export function createMessageList({ language, messenger, clock, chat }: MessageListNeeds) {
  const views = new Map<string, { element: HTMLElement; view?: MessageView }>();
  const seqs = new WeakMap<Element, number>();
  const inner = h("div", { class: "log-rows" });
  const log = h(
    "div",
    { role: "log", class: "log", tabindex: 0, "aria-label": language.say("messages") },
    inner,
  );
  log.setAttribute("aria-live", "polite");
  const older = h("p", { class: "log-note late" }, language.say("older"));
  const empty = h("p", { class: "log-empty" }, language.say("no_messages"));
  const count = h("span", { class: "badge", "aria-hidden": "true" });
  const toEnd = h(
    "button",
    { type: "button", class: "to-end icon-only", onclick: () => scrollToEnd() },
    icon("down"),
    count,
  );
  const element = h("div", { class: "log-frame" }, log, older, empty, toEnd);

  /** What I had read when the messages were first here: the unread line stays where it was. */
  let unreadAfter: number | undefined;
  let isAtEnd = true;
  let isPlaced = false;
  let firstKey: string | undefined;
  let lastOwnKey: string | undefined;
  let cancelSeen: (() => void) | undefined;
  let cancelQuiet = () => {};

  log.addEventListener("scroll", () => {
    isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight <= endPx;
    showWayToEnd();
    askForOlder();
    reportSeen();
  });
  // The keyboard of a phone, a wider window: the end stays in sight when it was.
  const resized = new ResizeObserver(() => {
    if (isAtEnd) scrollToEnd();
  });
  resized.observe(log);

  function scrollToEnd(): void {
    log.scrollTop = log.scrollHeight;
  }

  function askForOlder(): void {
    if (log.scrollTop < topPx && chat.isLoaded && !chat.isComplete && !messenger.isLoadingOlder(chat)) {
      void messenger.loadOlder(chat);
    }
  }

  function reportSeen(): void {
    cancelSeen ??= clock.later(seenMs, () => {
      cancelSeen = undefined;
      if (document.visibilityState !== "visible" || !document.hasFocus() || !element.isConnected) return;
      const seq = newestInSight();
      if (seq !== undefined) messenger.saw(chat, seq);
    });
  }

  /** Half of it, or its first lines, must be above the lower edge. */
  function newestInSight(): number | undefined {
    const { bottom } = log.getBoundingClientRect();
    for (let row = inner.lastElementChild; row; row = row.previousElementSibling) {
      const seq = seqs.get(row);
      const box = row.getBoundingClientRect();
      if (seq !== undefined && box.top + Math.min(box.height / 2, 80) <= bottom) return seq;
    }
    return undefined;
  }

  function showWayToEnd(): void {
    toEnd.hidden = isAtEnd;
    const unread = chat.marks.countUnread();
    count.hidden = unread === 0;
    count.textContent = String(unread);
    const label = unread > 0 ? language.count("to_end_unread", unread) : language.say("to_end");
    if (toEnd.getAttribute("aria-label") !== label) toEnd.setAttribute("aria-label", label);
  }

  function renderRow(row: Row): HTMLElement {
    const known = views.get(row.key);
    if (row.kind === "message") {
      const view =
        known?.view ??
        createMessageView({
          language,
          row,
          isGroup: chat.info.type === "group",
          onRetry: (key) => messenger.retry(chat, key),
          onDiscard: (key) => messenger.discard(chat, key),
        });
      if (known) view.update(row);
      else views.set(row.key, { element: view.element, view });
      if (row.message.seq !== undefined) seqs.set(view.element, row.message.seq);
      return view.element;
    }
    const label = row.kind === "day" ? language.dates.day(row.at, clock.now()) : language.say("new_messages");
    const line =
      known?.element ?? h("p", { class: row.kind === "day" ? "day" : "unread-line" }, h("span", {}, label));
    if (!known) views.set(row.key, { element: line });
    return line;
  }

  /** The message at the upper edge must not move when others come before it; a day's line sticks there anyway. */
  function findAnchor(): { row: Element; top: number } | undefined {
    const { top } = log.getBoundingClientRect();
    for (const row of inner.querySelectorAll(".message")) {
      const box = row.getBoundingClientRect();
      if (box.bottom > top) return { row, top: box.top };
    }
    return undefined;
  }

  function update(): void {
    if (chat.isLoaded) unreadAfter ??= chat.marks.countUnread() > 0 ? chat.marks.mySeq() : 0;
    const rows = chat.isLoaded
      ? buildRows(chat, messenger.pending(chat), messenger.me, unreadAfter ?? 0)
      : [];
    const keys = new Set(rows.map((row) => row.key));
    for (const key of views.keys()) if (!keys.has(key)) views.delete(key);
    const messageRows = rows.filter((row) => row.kind === "message");
    const isHistory = !isPlaced || (firstKey !== undefined && firstKey !== messageRows[0]?.key);
    firstKey = messageRows[0]?.key;
    const ownKey = messageRows.findLast((row) => row.message.pending)?.key;
    const isOwnNew = ownKey !== undefined && ownKey !== lastOwnKey;
    lastOwnKey = ownKey ?? lastOwnKey;

    if (isHistory) quieten();
    const anchor = isPlaced && !isAtEnd ? findAnchor() : undefined;
    arrange(inner, rows.map(renderRow));
    older.hidden = !messenger.isLoadingOlder(chat) && chat.isLoaded;
    empty.hidden = !chat.isLoaded || rows.length > 0;

    if (!isPlaced && chat.isLoaded && element.isConnected) place();
    else if (isAtEnd || isOwnNew) scrollToEnd();
    else if (anchor) log.scrollTop += anchor.row.getBoundingClientRect().top - anchor.top;
    showWayToEnd();
    if (isPlaced) askForOlder();
    reportSeen();
  }

  /** History is not news: a screen reader reads out what is added at the end only. */
  function quieten(): void {
    log.setAttribute("aria-live", "off");
    cancelQuiet();
    cancelQuiet = clock.later(1_000, () => log.setAttribute("aria-live", "polite"));
  }

  /** The first look: the unread line near the top when there is one, else the end. */
  function place(): void {
    isPlaced = true;
    const line = views.get("unread")?.element;
    if (line) log.scrollTop += line.getBoundingClientRect().top - log.getBoundingClientRect().top - 48;
    else scrollToEnd();
    isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight <= endPx;
  }

  return {
    element,
    update,
    reportSeen,
    dispose: () => {
      resized.disconnect();
      cancelSeen?.();
      cancelQuiet();
    },
  };
}

export type MessageList = ReturnType<typeof createMessageList>;
