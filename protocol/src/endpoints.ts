// All endpoints of the REST API by operation id.
import * as accounts from "./accounts.ts";
import * as chats from "./chats.ts";
import * as messages from "./messages.ts";
import * as operation from "./operation.ts";

export const endpoints = {
  register: accounts.register,
  login: accounts.login,
  getMe: accounts.getMe,
  createChat: chats.createChat,
  listChats: chats.listChats,
  createGroup: chats.createGroup,
  getGroup: chats.getGroup,
  addMembers: chats.addMembers,
  removeMembers: chats.removeMembers,
  deleteGroup: chats.deleteGroup,
  getHistory: messages.getHistory,
  sendMessage: messages.sendMessage,
  livez: operation.livez,
  readyz: operation.readyz,
  health: operation.health,
} as const;

export type OperationId = keyof typeof endpoints;
