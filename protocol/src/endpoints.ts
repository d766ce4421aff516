// All endpoints of the REST API by operation id.
import * as accounts from "./accounts.ts";
import * as chats from "./chats.ts";
import * as messages from "./messages.ts";
import * as operation from "./operation.ts";
import * as sessions from "./sessions.ts";
import * as people from "./people.ts";
import * as settings from "./settings.ts";
import * as summaries from "./summaries.ts";
import * as sync from "./sync.ts";

export const endpoints = {
  register: accounts.register,
  login: accounts.login,
  getMe: accounts.getMe,
  changeMe: accounts.changeMe,
  signIn: sessions.signIn,
  refresh: sessions.refresh,
  logout: sessions.logout,
  listSessions: sessions.listSessions,
  endSession: sessions.endSession,
  endOtherSessions: sessions.endOtherSessions,
  changePassword: sessions.changePassword,
  createTicket: sessions.createTicket,
  findPeople: people.findPeople,
  createChat: chats.createChat,
  listChats: chats.listChats,
  listSummaries: summaries.listSummaries,
  getSummary: summaries.getSummary,
  changeSettings: settings.changeSettings,
  saveDraft: settings.saveDraft,
  createGroup: chats.createGroup,
  getGroup: chats.getGroup,
  addMembers: chats.addMembers,
  removeMembers: chats.removeMembers,
  renameGroup: chats.renameGroup,
  leaveGroup: chats.leaveGroup,
  deleteGroup: chats.deleteGroup,
  getHistory: messages.getHistory,
  sendMessage: messages.sendMessage,
  editMessage: messages.editMessage,
  deleteMessage: messages.deleteMessage,
  getReaders: messages.getReaders,
  findPlace: messages.findPlace,
  sync: sync.sync,
  livez: operation.livez,
  readyz: operation.readyz,
  health: operation.health,
  getServer: operation.getServer,
} as const;

export type OperationId = keyof typeof endpoints;
