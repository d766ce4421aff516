// Messages for tests.
import type { ChatLogState, MessageInfo, OutboxEntry, UserInfo } from "@windi/sdk";

export const anna: UserInfo = { id: "anna", name: "Anna", email: "anna@example.com" };
export const boris: UserInfo = { id: "boris", name: "Boris", email: "boris@example.com" };
/** Noon, where the tests run, so that minutes more are no other day. */
export const noon = new Date(2026, 0, 15, 12).getTime();

export function sampleMessage(
  seq: number,
  changes: Partial<MessageInfo> & { atMs?: number } = {},
): MessageInfo {
  const { atMs = noon + seq * 1000, ...rest } = changes;
  return {
    id: `m${seq}`,
    chat_id: "chat",
    seq,
    version: seq,
    sender: boris,
    text: `Message ${seq}`,
    created_at: new Date(atMs).toISOString(),
    is_read: false,
    read_at: null,
    idempotency_key: `key-${seq}`,
    mentions: [],
    edited_at: null,
    deleted_at: null,
    ...rest,
  };
}

export const sampleEntry = (key: string): OutboxEntry => ({
  key,
  chatId: "chat",
  text: "On its way",
  mentions: [],
  createdAt: noon,
  order: 1,
  state: "queued",
});

export function sampleLog(first: number, last: number, changes: Partial<ChatLogState> = {}): ChatLogState {
  return {
    status: "ready",
    messages: Array.from({ length: last - first + 1 }, (_, index) => sampleMessage(first + index)),
    pending: [],
    isAtStart: first === 1,
    isAtEnd: true,
    endSeq: last,
    isFromCache: false,
    error: undefined,
    ...changes,
  };
}
