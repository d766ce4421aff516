// What the package offers.
export { ApiError, ConnectionError, isApiError, isFailure } from "./api-error.ts";
export type { Call, CallAnswer, CallErrorCode, CallInput, CallOptions, Fetch } from "./call.ts";
export type { Change } from "./change-stream.ts";
export type { AllChangesOptions, ChatChangesOptions } from "./change-streams.ts";
export type { ChatList, ChatListState } from "./chat-list.ts";
export type { ChatLog, ChatLogState } from "./chat-log.ts";
export type { EventFrame as ServerEvent } from "./frame.ts";
export type { ClientCache, StoredLog } from "./client-cache.ts";
export { createClient, type Client, type ClientOptions } from "./client.ts";
export type { Clock } from "./clock.ts";
export type { ConnectionState } from "./connection.ts";
export type {
  Calls,
  ChatSettings,
  ChatSummary,
  Draft,
  ErrorCode,
  FieldError,
  MessageInfo,
  MyProfile,
  OperationId,
  Position,
  SessionInfo,
  UserInfo,
} from "./contract.ts";
export type { Look } from "./looks.ts";
export { createObservable, type Observable, type Source } from "./observable.ts";
export type { Outbox, OutboxState, SendOptions } from "./outbox.ts";
export type { OutboxEntry } from "./outbox-entry.ts";
export { createMemoryStorage, type OutboxStorage, type StoredMessage } from "./outbox-storage.ts";
export type { PresenceOf, PresenceState } from "./presence.ts";
export type { SettingsChange } from "./settings-changes.ts";
export { isMuted, type ChatTotals } from "./totals.ts";
export type { TicketHook, TokenHook } from "./token.ts";
export type { TypingState } from "./typing.ts";
export type { WakeSource } from "./wake.ts";
export type { WebSocketConstructor, WebSocketLike } from "./wire.ts";
