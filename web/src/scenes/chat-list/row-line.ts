// The one line that a row of the list has for what happens in its chat: the first of these that there is.
import type { ChatSummary, OutboxEntry, TypingState } from "@windi/sdk";
import type { Language } from "../../messages/language.ts";

/** How far one's own last message has come. */
export type Delivery = "sending" | "failed" | "sent" | "read";

export interface RowLine {
  readonly kind: "typing" | "draft" | "text" | "deleted" | "empty";
  /** Before the text, in its own colour: who wrote it, or that it is a draft. */
  readonly author?: string;
  readonly text: string;
  readonly isEdited?: boolean;
  readonly delivery?: Delivery;
  /** When the line was written, in milliseconds since 1970. */
  readonly at?: number;
}

interface RowLineNeeds {
  chat: ChatSummary;
  myId: string;
  typing: TypingState;
  /** Undefined while the chat is open: there the composer shows it. */
  draft: string | undefined;
  /** The chat's last message that is on its way. */
  pending: OutboxEntry | undefined;
  language: Pick<Language, "say" | "count">;
}

export function describeRow(needs: RowLineNeeds): RowLine {
  const { chat, typing, draft, pending, language } = needs;
  const { say } = language;
  const last = describeLast(needs);
  const { at, delivery } = last;
  const times = at === undefined ? {} : { at };
  if (typing.count > 0) return { kind: "typing", text: describeTyping(chat, typing, language), ...times };
  // What could not be sent is worth more than what is not finished.
  if (draft?.trim() && pending?.state !== "refused")
    return { kind: "draft", author: say("draft"), text: oneLine(draft), ...times };
  return delivery === undefined ? last : { ...last, delivery };
}

function describeLast({ chat, myId, pending, language: { say } }: RowLineNeeds): RowLine {
  const isGroup = chat.type === "group";
  const mine = isGroup ? { author: say("you_say") } : {};
  if (pending && pending.state !== "sent") {
    const delivery = pending.state === "refused" ? "failed" : "sending";
    return { kind: "text", ...mine, text: oneLine(pending.text), delivery, at: pending.createdAt };
  }
  const message = pending?.message ?? chat.last_message;
  if (!message) return { kind: "empty", text: say("no_message_yet"), at: Date.parse(chat.last_activity_at) };
  const isMine = message.sender.id === myId;
  const at = Date.parse(message.created_at);
  const theirs = isGroup ? { author: say("someone_says", { name: firstName(message.sender.name) }) } : {};
  const author = isMine ? mine : theirs;
  if (message.deleted_at !== null) return { kind: "deleted", ...author, text: say("message_deleted"), at };
  const delivery: Delivery = message.is_read ? "read" : "sent";
  return {
    kind: "text",
    ...author,
    text: oneLine(message.text),
    isEdited: message.edited_at !== null,
    at,
    ...(isMine && { delivery }),
  };
}

function describeTyping(
  { type }: ChatSummary,
  { users, count }: TypingState,
  { say, count: sayCount }: RowLineNeeds["language"],
): string {
  if (type === "personal") return say("typing");
  const [first] = users;
  if (count === 1 && first) return say("typing_one", { name: firstName(first.userName) });
  return sayCount("typing_count", count);
}

/** What fits into one line; more is not given to the page. */
const oneLine = (text: string): string => text.slice(0, 300).replace(/\s+/g, " ").trim();

const firstName = (name: string): string => name.trim().split(/\s+/)[0] ?? name;
