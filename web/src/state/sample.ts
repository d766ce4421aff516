// People, chats and messages for tests.
import type { ChatInfo, MessageInfo, UserInfo } from "@windi/protocol";

export const anna: UserInfo = { id: "anna", name: "Anna", email: "anna@example.com" };
export const boris: UserInfo = { id: "boris", name: "Boris", email: "boris@example.com" };
export const clara: UserInfo = { id: "clara", name: "Clara", email: "clara@example.com" };

export const group: ChatInfo = {
  id: "chat",
  name: "Lake",
  type: "group",
  members: [anna, boris, clara].map((user) => ({ user })),
  group_id: "chat",
};

export const message = (seq: number, sender: UserInfo, more: Partial<MessageInfo> = {}): MessageInfo => ({
  id: `message ${seq}`,
  chat_id: group.id,
  seq,
  version: seq,
  sender,
  text: `Text ${seq}`,
  created_at: new Date(Date.UTC(2025, 10, 22, 12, 0, seq)).toISOString(),
  is_read: false,
  read_at: null,
  idempotency_key: null,
  mentions: [],
  edited_at: null,
  deleted_at: null,
  ...more,
});
