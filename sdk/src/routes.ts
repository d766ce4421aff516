// Where each operation is. The compiler holds this table to the contract; the contract's schemas stay out of the bundle.
import type { OpenOperation, OperationId, Route } from "./contract.ts";

export const routes = {
  register: "POST /auth/register",
  login: "POST /auth/login",
  getMe: "GET /auth/me",
  changeMe: "PATCH /auth/me",
  signIn: "POST /auth/sessions",
  refresh: "POST /auth/refresh",
  logout: "POST /auth/logout",
  listSessions: "GET /auth/sessions",
  endSession: "DELETE /auth/sessions/{session_id}",
  endOtherSessions: "DELETE /auth/sessions",
  changePassword: "PUT /auth/me/password",
  createTicket: "POST /auth/ws-ticket",
  findPeople: "GET /people",
  createChat: "POST /chats",
  listChats: "GET /chats",
  listSummaries: "GET /chats/summaries",
  changeSettings: "PATCH /chats/{chat_id}/settings",
  saveDraft: "PUT /chats/{chat_id}/draft",
  getSummary: "GET /chats/{chat_id}/summary",
  createGroup: "POST /groups",
  getGroup: "GET /groups/{group_id}",
  addMembers: "POST /groups/{group_id}/members",
  removeMembers: "DELETE /groups/{group_id}/members",
  renameGroup: "PATCH /groups/{group_id}",
  leaveGroup: "POST /groups/{group_id}/leave",
  deleteGroup: "DELETE /groups/{group_id}",
  getHistory: "GET /messages/history/{chat_id}",
  sendMessage: "POST /chats/{chat_id}/messages",
  editMessage: "PATCH /chats/{chat_id}/messages/{message_id}",
  deleteMessage: "DELETE /chats/{chat_id}/messages/{message_id}",
  getReaders: "GET /chats/{chat_id}/messages/{message_id}/readers",
  findPlace: "GET /chats/{chat_id}/place",
  sync: "POST /sync",
  livez: "GET /livez",
  readyz: "GET /readyz",
  health: "GET /health",
  getServer: "GET /server",
} as const satisfies { [Id in OperationId]: Route<Id> };

const open = {
  register: true,
  login: true,
  signIn: true,
  refresh: true,
  logout: true,
  livez: true,
  readyz: true,
  health: true,
  getServer: true,
} as const satisfies Record<OpenOperation, true>;

/** Whether an operation takes a token. */
export const needsToken = (id: OperationId): boolean => !Object.hasOwn(open, id);
