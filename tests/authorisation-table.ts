// Who may do what: for every endpoint and every action, what each kind of caller gets.
import type { ActionName, OperationId } from "@windi/protocol";

export const callers = ["anonymous", "outsider", "former member", "member", "creator"] as const;
export type Caller = (typeof callers)[number];

/** What the calls of a row are about. */
export interface Scene {
  chatId: string;
  /** A message of the creator in the chat. */
  messageId: string;
  /** Somebody with whom the caller shares nothing yet. */
  strangerId: string;
  memberId: string;
  /** Of somebody else. */
  sessionId: string;
}

/** `200` or `404 chat_not_found`; in the order of `callers`. */
type Cells = readonly [string, string, string, string, string];

export interface EndpointRow {
  /** Beside the token. */
  headers?: Record<string, string>;
  params?: (scene: Scene) => Record<string, string>;
  query?: string;
  body?: (scene: Scene) => object;
  expected: Cells;
  /** Who is not in the chat does not learn whether it exists: the answer is that for a chat that does not. */
  hidesExistence?: true;
}

export interface ActionRow {
  frame: (scene: Scene) => object;
  expected: Cells;
  hidesExistence?: true;
}

const group = ({ chatId }: Scene) => ({ group_id: chatId });
const chat = ({ chatId }: Scene) => ({ chat_id: chatId });
const message = (scene: Scene) => ({ ...chat(scene), message_id: scene.messageId });
const positions = (scene: Scene) => ({ chats: [{ ...chat(scene), seq: 0, version: 0 }] });

const unauthenticated = "401 unauthenticated";
const noChat = "404 chat_not_found";
const notCreator = "403 not_the_creator";
const notMember = "403 not_a_member";
const notSender = "403 not_the_sender";
const everyone = (status: string): Cells => [status, status, status, status, status];
const ownPage = { headers: { "sec-fetch-site": "same-origin" } };
const signedIn = (status: string): Cells => [unauthenticated, status, status, status, status];

export const endpointTable: Record<OperationId, EndpointRow> = {
  register: {
    body: () => ({ name: "New", email: `${crypto.randomUUID()}@example.org`, password: "password123" }),
    expected: everyone("201"),
  },
  login: {
    body: () => ({ email: "nobody@example.org", password: "password123" }),
    expected: everyone("401 invalid_credentials"),
  },
  getMe: { expected: signedIn("200") },
  changeMe: { body: () => ({ shows_presence: true }), expected: signedIn("200") },
  // For pages of our own, whoever has them open; only signing out looks at a token, and needs none.
  signIn: {
    ...ownPage,
    body: () => ({ email: "nobody@example.org", password: "password123" }),
    expected: everyone("401 invalid_credentials"),
  },
  refresh: { ...ownPage, expected: everyone("401 session_ended") },
  logout: { ...ownPage, expected: everyone("204") },
  listSessions: { expected: signedIn("200") },
  endSession: {
    params: ({ sessionId }) => ({ session_id: sessionId }),
    expected: signedIn("404 session_not_found"),
  },
  endOtherSessions: { expected: signedIn("204") },
  changePassword: {
    body: () => ({ current_password: "not this one", new_password: "password123" }),
    expected: signedIn("403 wrong_password"),
  },
  createTicket: { expected: signedIn("201") },
  findPeople: { query: "query=a", expected: signedIn("200") },
  createChat: { body: ({ strangerId }) => ({ user_id: strangerId }), expected: signedIn("201") },
  listChats: { expected: signedIn("200") },
  listSummaries: { expected: signedIn("200") },
  getSummary: {
    params: chat,
    expected: [unauthenticated, noChat, noChat, "200", "200"],
    hidesExistence: true,
  },
  changeSettings: {
    params: chat,
    body: () => ({ is_pinned: true }),
    expected: [unauthenticated, noChat, noChat, "200", "200"],
    hidesExistence: true,
  },
  saveDraft: {
    params: chat,
    body: () => ({ text: "Dear" }),
    expected: [unauthenticated, noChat, noChat, "200", "200"],
    hidesExistence: true,
  },
  createGroup: { body: () => ({ title: "New" }), expected: signedIn("201") },
  getGroup: {
    params: group,
    expected: [unauthenticated, notMember, notMember, "200", "200"],
  },
  addMembers: {
    params: group,
    body: ({ strangerId }) => ({ user_ids: [strangerId] }),
    expected: [unauthenticated, notCreator, notCreator, notCreator, "200"],
  },
  removeMembers: {
    params: group,
    body: ({ memberId }) => ({ user_ids: [memberId] }),
    expected: [unauthenticated, notCreator, notCreator, notCreator, "200"],
  },
  renameGroup: {
    params: group,
    body: () => ({ title: "Orchard" }),
    expected: [unauthenticated, notCreator, notCreator, notCreator, "200"],
  },
  leaveGroup: {
    params: group,
    expected: [unauthenticated, notMember, notMember, "204", "403 creator_stays"],
  },
  deleteGroup: {
    params: group,
    expected: [unauthenticated, notCreator, notCreator, notCreator, "204"],
  },
  getHistory: {
    params: chat,
    expected: [unauthenticated, noChat, noChat, "200", "200"],
    hidesExistence: true,
  },
  sendMessage: {
    params: chat,
    body: () => ({ text: "hello" }),
    expected: [unauthenticated, noChat, noChat, "201", "201"],
    hidesExistence: true,
  },
  editMessage: {
    params: message,
    body: () => ({ text: "hello" }),
    expected: [unauthenticated, noChat, noChat, notSender, "200"],
    hidesExistence: true,
  },
  deleteMessage: {
    params: message,
    expected: [unauthenticated, noChat, noChat, notSender, "200"],
    hidesExistence: true,
  },
  getReaders: {
    params: message,
    expected: [unauthenticated, noChat, noChat, "200", "200"],
    hidesExistence: true,
  },
  findPlace: {
    params: chat,
    query: "at=2026-01-31T09:00:00Z",
    expected: [unauthenticated, noChat, noChat, "200", "200"],
    hidesExistence: true,
  },
  sync: { body: positions, expected: signedIn("200") },
  livez: { expected: everyone("200") },
  readyz: { expected: everyone("200") },
  getServer: { expected: everyone("200") },
  health: { expected: everyone("200") },
};

const closed = "closed with 4001";

export const actionTable: Record<ActionName, ActionRow> = {
  subscribe: {
    frame: () => ({}),
    expected: [closed, "subscribed", "subscribed", "subscribed", "subscribed"],
  },
  catch_up: { frame: positions, expected: [closed, "caught_up", "caught_up", "caught_up", "caught_up"] },
  join_chat: { frame: chat, expected: [closed, noChat, noChat, "joined", "joined"], hidesExistence: true },
  leave_chat: { frame: chat, expected: [closed, "left", "left", "left", "left"], hidesExistence: true },
  send_message: {
    frame: (scene) => ({ ...chat(scene), text: "hello" }),
    expected: [closed, noChat, noChat, "new_message", "new_message"],
    hidesExistence: true,
  },
  edit_message: {
    frame: (scene) => ({ ...message(scene), text: "hello" }),
    expected: [closed, noChat, noChat, "not_the_sender", "message_changed"],
    hidesExistence: true,
  },
  delete_message: {
    frame: message,
    expected: [closed, noChat, noChat, "not_the_sender", "message_changed"],
    hidesExistence: true,
  },
  message_read: {
    frame: message,
    expected: [closed, noChat, noChat, "message_read", "message_read"],
    hidesExistence: true,
  },
  typing: { frame: chat, expected: [closed, noChat, noChat, "no answer", "no answer"], hidesExistence: true },
};
