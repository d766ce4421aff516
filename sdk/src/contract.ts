// The contract as this package uses and exports it: types only. The one file that names @windi/protocol.
import type {
  ActionName,
  actionAnswers,
  actions,
  closeCodes,
  commonErrors,
  endpoints,
  ErrorCode,
  errors,
  OperationId,
} from "@windi/protocol";

export type {
  ActionName,
  ChatChanges,
  ChatPage,
  ChatSettings,
  ChatSummary,
  CloseReason,
  Draft,
  ErrorCode,
  FieldError,
  MessageInfo,
  MyProfile,
  OperationId,
  Position,
  ServerFrame,
  SessionInfo,
  SyncAnswer,
  UserInfo,
} from "@windi/protocol";

type InputOf<Schema> = Schema extends { _zod: { input: infer Input } } ? Input : never;
type OutputOf<Schema> = Schema extends { _zod: { output: infer Output } } ? Output : undefined;

type Endpoints = typeof endpoints;
type CommonError = (typeof commonErrors)[number];

/** Method and path of an operation, as in `POST /chats`. */
export type Route<Id extends OperationId> = `${Endpoints[Id]["method"]} ${Endpoints[Id]["path"]}`;

/** Operations that need no token. */
export type OpenOperation = {
  [Id in OperationId]: Endpoints[Id]["auth"] extends "bearer" ? never : Id;
}[OperationId];

type TakesInput = { params: unknown } | { query: unknown } | { body: unknown };

type CallOf<E extends { errors: readonly ErrorCode[] }> = (E extends { params: infer P }
  ? { params: OutputOf<P> }
  : unknown) &
  (E extends { query: infer Q } ? { query: Partial<OutputOf<Q>> } : unknown) &
  (E extends { body: infer B } ? { body: InputOf<B> } : unknown) & {
    answer: E extends { answer: infer A } ? OutputOf<A> : undefined;
    errors:
      | E["errors"][number]
      | CommonError
      | (E extends { auth: "bearer" } ? "unauthenticated" : never)
      | (E extends TakesInput ? "invalid_request" : never)
      | (E extends { body: unknown } ? "payload_too_large" : never);
  };

/** Operation → what it takes, what it answers, and the codes of its errors. */
export type Calls = { [Id in OperationId]: CallOf<Endpoints[Id]> };

/** Action → its fields, the frame that answers it, and the codes of its errors. */
export type Actions = {
  [Name in ActionName]: {
    fields: Omit<InputOf<(typeof actions)[Name]["schema"]>, "action" | "request_id">;
    answer: OutputOf<(typeof actionAnswers)[Name]>;
    errors: (typeof actions)[Name]["errors"][number] | "invalid_request" | CommonError;
  };
};

/** Code → HTTP status, and whether the same call may succeed later. */
export type ErrorTable = {
  [Code in ErrorCode]: readonly [
    status: (typeof errors)[Code]["status"],
    isRetryable: (typeof errors)[Code]["retryable"],
  ];
};

/** Close code → whether a client comes back by itself. */
export type CloseCodes = {
  [Reason in keyof typeof closeCodes]: Pick<(typeof closeCodes)[Reason], "code" | "reconnect">;
};
