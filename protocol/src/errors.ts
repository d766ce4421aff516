// Every error that the server may answer: its code, HTTP status, whether a retry makes sense, and what it says.
import { z } from "zod";

interface ErrorEntry {
  /** HTTP status of the answer. */
  status: number;
  /** Whether the same call, with the same idempotency key, may succeed later. */
  retryable: boolean;
  /** What the answer says where the place that refuses has nothing more exact to say. */
  detail: string;
}

/** Code → status, retryable, default text. A client decides by the code, never by the text. */
export const errors = {
  chat_with_self: { status: 400, retryable: false, detail: "Cannot create a chat with yourself" },
  unauthenticated: {
    status: 401,
    retryable: false,
    detail: "Not authenticated; send a valid access token as 'Authorization: Bearer <token>'",
  },
  session_ended: { status: 401, retryable: false, detail: "You are signed out here; sign in again" },
  invalid_credentials: { status: 401, retryable: false, detail: "Invalid email or password" },
  wrong_password: { status: 403, retryable: false, detail: "This is not your current password" },
  not_a_member: { status: 403, retryable: false, detail: "You are not a member of this group" },
  not_the_creator: {
    status: 403,
    retryable: false,
    detail: "Only the creator of the group may do this",
  },
  creator_stays: {
    status: 403,
    retryable: false,
    detail: "The creator cannot be removed from the group",
  },
  not_the_sender: {
    status: 403,
    retryable: false,
    detail: "Only the sender of a message may change or delete it",
  },
  origin_refused: {
    status: 403,
    retryable: false,
    detail:
      "This origin may not ask for this; the operator can allow WebSockets from it with ALLOWED_ORIGINS",
  },
  not_found: { status: 404, retryable: false, detail: "Nothing is at this address; see /docs" },
  user_not_found: { status: 404, retryable: false, detail: "User not found" },
  chat_not_found: { status: 404, retryable: false, detail: "Chat not found" },
  group_not_found: { status: 404, retryable: false, detail: "Group not found" },
  session_not_found: { status: 404, retryable: false, detail: "Session not found" },
  message_not_found: { status: 404, retryable: false, detail: "Message not found" },
  method_not_allowed: {
    status: 405,
    retryable: false,
    detail: "This address does not answer this method; see Allow",
  },
  user_exists: { status: 409, retryable: false, detail: "User already exists" },
  chat_exists: { status: 409, retryable: false, detail: "Chat already exists" },
  too_many_pins: {
    status: 409,
    retryable: false,
    detail: "At most 20 chats can be pinned; unpin another first",
  },
  payload_too_large: { status: 413, retryable: false, detail: "The request body is too large" },
  invalid_request: { status: 422, retryable: false, detail: "The request is not valid" },
  upgrade_required: { status: 426, retryable: false, detail: "Open this address as a WebSocket" },
  rate_limited: { status: 429, retryable: true, detail: "Too many requests; wait and try again" },
  internal: {
    status: 500,
    retryable: true,
    detail: "Internal error; tell the operator the request_id",
  },
  overloaded: { status: 503, retryable: true, detail: "The server is busy; try again in a moment" },
  draining: {
    status: 503,
    retryable: true,
    detail: "The server is restarting; try again in a moment",
  },
  unavailable: {
    status: 503,
    retryable: true,
    detail: "The database does not answer; nothing is lost, try again in a moment",
  },
  storage_full: {
    status: 507,
    retryable: true,
    detail: "The server's disk is full; nothing was stored",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errors;
export const ErrorCode = z.enum(Object.keys(errors) as [ErrorCode, ...ErrorCode[]]).meta({ id: "ErrorCode" });

/** One thing that is wrong with a request: where (`["body", "text"]`), in words, and its kind. */
export const FieldError = z
  .object({ loc: z.array(z.union([z.string(), z.int()])), msg: z.string(), type: z.string() })
  .meta({ id: "FieldError" });
export type FieldError = z.infer<typeof FieldError>;

/** The body of every answer that is not a success. `detail` is a list for 422 and a sentence otherwise. */
export const ErrorBody = z
  .object({
    detail: z.union([z.string(), z.array(FieldError)]),
    code: ErrorCode,
    request_id: z.string(),
  })
  .meta({ id: "ErrorBody" });
export type ErrorBody = z.infer<typeof ErrorBody>;
