// What the conversation shows, line by line: days, the unread line, and messages grouped by author.
import type { UserInfo } from "@windi/protocol";
import { daysBetween } from "../messages/dates.ts";
import type { Chat } from "./chat.ts";
import type { PendingMessage } from "./outbox.ts";

const groupMs = 5 * 60_000;

export type MessageStatus = "sending" | "failed" | "sent" | "read";

export interface ShownMessage {
  /** The same while the message is on its way and after it has arrived. */
  key: string;
  /** Undefined while it is on its way. */
  seq: number | undefined;
  sender: UserInfo;
  isOwn: boolean;
  text: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Of own messages only. */
  status: MessageStatus | undefined;
  pending: PendingMessage | undefined;
}

export interface MessageRow {
  kind: "message";
  key: string;
  message: ShownMessage;
  startsGroup: boolean;
  endsGroup: boolean;
}

export type Row = MessageRow | { kind: "day"; key: string; at: number } | { kind: "unread"; key: string };

/** @param unreadAfter The unread line stands before the first message of others beyond this seq; 0 for no line. */
export function buildRows(
  chat: Chat,
  pending: readonly PendingMessage[],
  me: UserInfo,
  unreadAfter: number,
): Row[] {
  const rows: Row[] = [];
  let last: MessageRow | undefined;
  let isLineDrawn = unreadAfter === 0;

  for (const message of show(chat, pending, me)) {
    if (!last || daysBetween(last.message.at, message.at) !== 0) {
      rows.push({
        kind: "day",
        key: `day ${new Date(message.at).toDateString()} ${message.key}`,
        at: message.at,
      });
      last = undefined;
    }
    if (!isLineDrawn && !message.isOwn && (message.seq ?? 0) > unreadAfter) {
      isLineDrawn = true;
      rows.push({ kind: "unread", key: "unread" });
      last = undefined;
    }
    const startsGroup =
      last?.message.sender.id !== message.sender.id || message.at - last.message.at > groupMs;
    if (!startsGroup && last) last.endsGroup = false;
    last = { kind: "message", key: message.key, message, startsGroup, endsGroup: true };
    rows.push(last);
  }
  return rows;
}

function* show(chat: Chat, pending: readonly PendingMessage[], me: UserInfo): Generator<ShownMessage> {
  const arrived = new Set<string>();
  for (const message of chat.log.messages) {
    const isOwn = message.sender.id === me.id;
    if (isOwn && message.idempotency_key) arrived.add(message.idempotency_key);
    yield {
      key: isOwn ? (message.idempotency_key ?? message.id) : message.id,
      seq: message.seq,
      sender: message.sender,
      isOwn,
      text: message.text,
      at: Date.parse(message.created_at),
      status: isOwn ? (chat.marks.isReadByOthers(message) ? "read" : "sent") : undefined,
      pending: undefined,
    };
  }
  for (const message of pending) {
    // A page of history may bring it before its acknowledgement does.
    if (arrived.has(message.key)) continue;
    yield {
      key: message.key,
      seq: undefined,
      sender: me,
      isOwn: true,
      text: message.text,
      at: message.writtenAt,
      status: message.state === "failed" ? "failed" : "sending",
      pending: message,
    };
  }
}
