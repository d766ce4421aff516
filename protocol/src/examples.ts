// One example of each body and frame, for the documents. A test holds them against the schemas.
import type { AccessToken, LoginRequest, RegisterRequest, UserInfo } from "./accounts.ts";
import type { ActionName, ClientFrame } from "./actions.ts";
import type { ChatInfo, GroupInfo } from "./chats.ts";
import type { OperationId } from "./endpoints.ts";
import type { MessageInfo } from "./messages.ts";
import type { ServerFrame } from "./events.ts";

const aliceId = "0197a1c0-5a00-7000-8000-00000000a11c";
const bobId = "0197a1c0-5a00-7000-8000-000000000b0b";
const chatId = "0197a1c2-1d00-7000-8000-0000000c4a71";
const groupId = "0197a1c3-2e00-7000-8000-000000006a02";
const messageId = "0197a1c4-3f00-7000-8000-00000000e551";
const key = "4f1c2a9e-first-try";

const alice: UserInfo = { id: aliceId, name: "Alice", email: "alice@example.com" };
const bob: UserInfo = { id: bobId, name: "Bob", email: "bob@example.com" };

const registration: RegisterRequest = {
  name: "Alice",
  email: "alice@example.com",
  password: "correct horse battery",
};
const credentials: LoginRequest = { email: "alice@example.com", password: "correct horse battery" };
const token: AccessToken = {
  access_token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTk3YTFjMCJ9.c2lnbmF0dXJl",
};

const chat: ChatInfo = {
  id: chatId,
  name: "Alice, Bob",
  type: "personal",
  members: [{ user: alice }, { user: bob }],
  group_id: null,
};

const group: GroupInfo = {
  id: groupId,
  title: "Weekend walks",
  creator: alice,
  members: [
    { user: alice, joined_at: "2026-01-31T08:55:00.000Z" },
    { user: bob, joined_at: "2026-01-31T08:55:00.000Z" },
  ],
};

const message: MessageInfo = {
  id: messageId,
  chat_id: chatId,
  seq: 1,
  version: 1,
  sender: alice,
  text: "Hello, Bob!",
  created_at: "2026-01-31T09:00:00.000Z",
  is_read: false,
  read_at: null,
  idempotency_key: key,
};

const sent = { text: message.text, idempotency_key: key };

interface EndpointExample {
  body?: unknown;
  answer?: unknown;
}

/** Operation → a request body and the answer to it. */
export const endpointExamples: Record<OperationId, EndpointExample> = {
  register: { body: registration, answer: alice },
  login: { body: credentials, answer: token },
  getMe: { answer: alice },
  createChat: { body: { user_id: bobId }, answer: chat },
  listChats: { answer: [chat] },
  createGroup: { body: { title: group.title, member_ids: [bobId] }, answer: group },
  getGroup: { answer: group },
  addMembers: { body: { user_ids: [bobId] }, answer: group },
  removeMembers: {
    body: { user_ids: [bobId] },
    answer: { ...group, members: group.members.slice(0, 1) },
  },
  deleteGroup: {},
  getHistory: { answer: [message] },
  sendMessage: { body: sent, answer: message },
  livez: { answer: { status: "ok" } },
  readyz: { answer: { status: "ok" } },
  health: { answer: { status: "ok", version: "0.1.0", database: "embedded" } },
};

/** Action → a frame that a client sends. */
export const actionExamples = {
  join_chat: { action: "join_chat", chat_id: chatId, request_id: "1" },
  leave_chat: { action: "leave_chat", chat_id: chatId, request_id: "2" },
  send_message: { action: "send_message", chat_id: chatId, ...sent, request_id: "3" },
  message_read: { action: "message_read", chat_id: chatId, message_id: messageId, request_id: "4" },
  typing: { action: "typing", chat_id: chatId },
} as const satisfies Record<ActionName, ClientFrame>;

/** Name of a server frame's schema → such a frame. */
export const frameExamples = {
  Joined: { status: "joined", chat_id: chatId, request_id: "1" },
  Left: { status: "left", chat_id: chatId, request_id: "2" },
  NewMessage: { event: "new_message", data: message, request_id: "3" },
  MessageWasRead: {
    event: "message_read",
    data: {
      chat_id: chatId,
      message_id: messageId,
      user_id: bobId,
      read_at: "2026-01-31T09:00:05.000Z",
    },
  },
  UserTyping: { event: "typing", chat_id: chatId, user_id: bobId, user_name: "Bob" },
  ErrorFrame: { error: "Chat not found", code: "chat_not_found", request_id: "3" },
} as const satisfies Record<string, ServerFrame>;
