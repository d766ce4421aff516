// One example of each body and frame, for the documents. A test holds them against the schemas.
import type { AccessToken, LoginRequest, MyProfile, RegisterRequest, UserInfo } from "./accounts.ts";
import type { ActionName, ClientFrame } from "./actions.ts";
import type { ChatInfo, GroupInfo } from "./chats.ts";
import type { OperationId } from "./endpoints.ts";
import type { SessionInfo, SessionToken, WebSocketTicket } from "./sessions.ts";
import type { MessageInfo } from "./messages.ts";
import type { ServerFrame } from "./events.ts";
import type { ChatSettings, Draft } from "./settings.ts";
import type { ChatSummary } from "./summaries.ts";
import type { SyncAnswer } from "./sync.ts";

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

const sessionId = "0197a1c1-0b00-7000-8000-0000000005e5";
const sessionToken: SessionToken = {
  ...token,
  expires_in_ms: 600_000,
  session_id: sessionId,
  is_kept: true,
};
const session: SessionInfo = {
  id: sessionId,
  device: "Firefox on Linux",
  address: "192.0.2.0/24",
  created_at: "2026-01-31T08:50:00.000Z",
  last_used_at: "2026-01-31T09:00:00.000Z",
  is_current: true,
};
const ticket: WebSocketTicket = {
  ticket: "b25lIG9mIDMyIHJhbmRvbSBieXRlcw.1769850030000.0197a1c0.0197a1c1.0.c2lnbmF0dXJl",
  expires_in_ms: 30_000,
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
  mentions: [],
  edited_at: null,
  deleted_at: null,
};

const edited: MessageInfo = {
  ...message,
  version: 2,
  text: "Hello, @Bob!",
  mentions: [bobId],
  edited_at: "2026-01-31T09:01:00.000Z",
};
const deleted: MessageInfo = {
  ...message,
  version: 3,
  text: "",
  edited_at: edited.edited_at,
  deleted_at: "2026-01-31T09:02:00.000Z",
};
const edit = { text: edited.text, mentions: edited.mentions };
const me: MyProfile = { ...alice, shows_presence: true };

const settings: ChatSettings = {
  is_pinned: true,
  muted_until: "9999-12-31T23:59:59.999Z",
  unread_from: null,
};

const draft: Draft = { text: "See you", updated_at: "2026-01-31T09:04:00.000Z" };

const summary: ChatSummary = {
  id: chatId,
  type: "personal",
  name: "Bob",
  group_id: null,
  creator_id: aliceId,
  peer: bob,
  member_count: 2,
  seq: 1,
  version: 1,
  last_activity_at: message.created_at,
  last_message: message,
  read_seq: 1,
  unread_count: 0,
  mention_count: 0,
  own_version: 3,
  settings,
  draft,
};

const known = [
  { chat_id: chatId, seq: 1, version: 1 },
  { chat_id: groupId, seq: 6, version: 7 },
];
const changes: SyncAnswer = {
  chats: [
    { outcome: "changes", chat_id: chatId, seq: 1, version: 2, messages: [edited], is_info_changed: false },
    { outcome: "resync", chat_id: groupId, seq: 5120, version: 5300 },
  ],
  deferred: [],
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
  getMe: { answer: me },
  changeMe: { body: { shows_presence: false }, answer: { ...me, shows_presence: false } },
  signIn: { body: credentials, answer: sessionToken },
  refresh: { answer: sessionToken },
  logout: {},
  listSessions: { answer: { sessions: [session] } },
  endSession: {},
  endOtherSessions: {},
  changePassword: { body: { current_password: credentials.password, new_password: "staple battery horse" } },
  createTicket: { answer: ticket },
  findPeople: { answer: { people: [bob] } },
  createChat: { body: { user_id: bobId }, answer: chat },
  listChats: { answer: [chat] },
  listSummaries: { answer: { chats: [summary], next_cursor: null } },
  getSummary: { answer: summary },
  changeSettings: { body: { is_pinned: true }, answer: { ...settings, own_version: 2 } },
  saveDraft: { body: { text: draft.text }, answer: { draft, own_version: 3 } },
  createGroup: { body: { title: group.title, member_ids: [bobId] }, answer: group },
  getGroup: { answer: group },
  addMembers: { body: { user_ids: [bobId] }, answer: group },
  removeMembers: {
    body: { user_ids: [bobId] },
    answer: { ...group, members: group.members.slice(0, 1) },
  },
  renameGroup: { body: { title: "Sunday walks" }, answer: { ...group, title: "Sunday walks" } },
  leaveGroup: {},
  deleteGroup: {},
  getHistory: { answer: [message] },
  sendMessage: { body: sent, answer: message },
  editMessage: { body: edit, answer: edited },
  deleteMessage: { answer: deleted },
  getReaders: { answer: { readers: [bob], count: 1 } },
  findPlace: { answer: { seq: 1 } },
  sync: { body: { chats: known }, answer: changes },
  livez: { answer: { status: "ok" } },
  readyz: { answer: { status: "ok" } },
  getServer: { answer: { version: "0.1.0", has_people: true } },
  health: { answer: { status: "ok", version: "0.1.0", database: "embedded" } },
};

/** Action → a frame that a client sends. */
export const actionExamples = {
  subscribe: { action: "subscribe", request_id: "0" },
  catch_up: { action: "catch_up", chats: known, request_id: "1" },
  join_chat: { action: "join_chat", chat_id: chatId, request_id: "1" },
  leave_chat: { action: "leave_chat", chat_id: chatId, request_id: "2" },
  send_message: { action: "send_message", chat_id: chatId, ...sent, request_id: "3" },
  edit_message: { action: "edit_message", chat_id: chatId, message_id: messageId, ...edit, request_id: "5" },
  delete_message: { action: "delete_message", chat_id: chatId, message_id: messageId, request_id: "6" },
  message_read: { action: "message_read", chat_id: chatId, message_id: messageId, request_id: "4" },
  typing: { action: "typing", chat_id: chatId },
} as const satisfies Record<ActionName, ClientFrame>;

/** Name of a server frame's schema → such a frame. */
export const frameExamples = {
  Subscribed: {
    status: "subscribed",
    chats: [
      { chat_id: chatId, seq: 1, version: 2 },
      { chat_id: groupId, seq: 5120, version: 5300 },
    ],
    is_complete: true,
    request_id: "0",
  },
  CaughtUp: { status: "caught_up", ...changes, request_id: "1" },
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
  MessageChanged: { event: "message_changed", data: edited, request_id: "5" },
  ChatChanged: { event: "chat_changed", chat_id: groupId, version: 8, title: "Sunday walks" },
  MembersAdded: {
    event: "members_added",
    chat_id: groupId,
    version: 9,
    user_ids: [bobId],
    member_count: 2,
  },
  MembersRemoved: {
    event: "members_removed",
    chat_id: groupId,
    version: 10,
    user_ids: [bobId],
    member_count: 1,
  },
  PositionHint: { event: "position", chat_id: chatId, seq: 1, version: 2 },
  ChatAdded: { event: "chat_added", chat: summary },
  ChatRemoved: { event: "chat_removed", chat_id: groupId },
  ChatRead: { event: "chat_read", chat_id: chatId, read_seq: 1, own_version: 1 },
  ChatSettingsChanged: { event: "chat_settings", chat_id: chatId, own_version: 2, settings },
  UserChanged: { event: "user_changed", user: { ...bob, name: "Bobby" } },
  DraftChanged: { event: "draft", chat_id: chatId, own_version: 3, draft },
  Presence: {
    event: "presence",
    chat_id: chatId,
    online_count: 1,
    users: [{ user_id: bobId, is_online: false, last_seen_at: "2026-01-31T09:03:00.000Z" }],
  },
  UserTyping: { event: "typing", chat_id: chatId, user_id: bobId, user_name: "Bob", expires_in_ms: 6000 },
  ManyTyping: { event: "many_typing", chat_id: groupId, count: 5, expires_in_ms: 6000 },
  ComeBack: { event: "come_back", after_ms: 1200 },
  ErrorFrame: { error: "Chat not found", code: "chat_not_found", request_id: "3" },
} as const satisfies Record<string, ServerFrame>;
