// Chats for tests of what is shown of them.
import type { ChatSummary, MessageInfo } from "@windi/sdk";

export const anna = { id: "anna", name: "Anna Petrova", email: "anna@example.com" };
export const me = { id: "me", name: "Me Myself", email: "me@example.com" };

export const sampleMessage = (changes: Partial<MessageInfo> = {}): MessageInfo => ({
  id: "message",
  chat_id: "chat",
  seq: 1,
  version: 1,
  sender: anna,
  text: "Hello",
  created_at: "2026-01-31T09:00:00.000Z",
  is_read: false,
  read_at: null,
  idempotency_key: null,
  mentions: [],
  edited_at: null,
  deleted_at: null,
  ...changes,
});

type Changes = Partial<Omit<ChatSummary, "settings">> & { settings?: Partial<ChatSummary["settings"]> };

export const sampleChat = (id: string, { settings, ...changes }: Changes = {}): ChatSummary => ({
  id,
  type: "personal",
  name: id,
  group_id: null,
  creator_id: "me",
  peer: null,
  member_count: 2,
  seq: 1,
  version: 1,
  last_activity_at: "2026-01-31T09:00:00.000Z",
  last_message: sampleMessage(),
  read_seq: 1,
  unread_count: 0,
  mention_count: 0,
  own_version: 0,
  draft: null,
  ...changes,
  settings: { is_pinned: false, muted_until: null, unread_from: null, ...settings },
});
