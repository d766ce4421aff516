// Why something failed: the server refused it with a code, or no answer came.
import type { ErrorCode, ErrorTable, FieldError } from "./contract.ts";

/** The compiler holds this table to the contract. */
const table = {
  chat_with_self: [400, false],
  unauthenticated: [401, false],
  session_ended: [401, false],
  invalid_credentials: [401, false],
  wrong_password: [403, false],
  not_a_member: [403, false],
  not_the_creator: [403, false],
  creator_stays: [403, false],
  not_the_sender: [403, false],
  origin_refused: [403, false],
  not_found: [404, false],
  user_not_found: [404, false],
  chat_not_found: [404, false],
  group_not_found: [404, false],
  session_not_found: [404, false],
  message_not_found: [404, false],
  method_not_allowed: [405, false],
  user_exists: [409, false],
  chat_exists: [409, false],
  too_many_pins: [409, false],
  payload_too_large: [413, false],
  invalid_request: [422, false],
  upgrade_required: [426, false],
  rate_limited: [429, true],
  internal: [500, true],
  overloaded: [503, true],
  draining: [503, true],
  unavailable: [503, true],
  storage_full: [507, true],
} as const satisfies ErrorTable;

interface Refusal<Code extends ErrorCode> {
  code: Code;
  /** The sentence that the server said; for people who read logs, never to decide by. */
  detail: string;
  /** HTTP status of the answer; a frame has none, so there it is the one of the code. */
  status?: number;
  retryAfterMs?: number | undefined;
  requestId?: string | undefined;
  fields?: readonly FieldError[];
}

/**
 * The server refused. Decide by `code`.
 * @example
 * ```ts
 * try {
 *   await client.call("createChat", { body: { user_id: userId } });
 * } catch (error) {
 *   if (isApiError(error, "chat_exists", "user_not_found")) console.log(error.code);
 *   else throw error;
 * }
 * ```
 */
export class ApiError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "ApiError";
  readonly code: Code;
  readonly status: number;
  /** Whether the same call, with the same idempotency key, may succeed later. */
  readonly retryable: boolean;
  /** How long the server asks to wait before that. */
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  /** What is wrong with which field, for `invalid_request`. */
  readonly fields: readonly FieldError[];

  constructor({ code, detail, status, retryAfterMs, requestId, fields = [] }: Refusal<Code>) {
    super(`${code}: ${detail}`);
    // A server that is newer than this package may answer a code that the table does not have.
    const [ownStatus, isRetryable] = Object.hasOwn(table, code) ? table[code] : [status ?? 500, false];
    this.code = code;
    this.status = status ?? ownStatus;
    this.retryable = isRetryable;
    this.retryAfterMs = retryAfterMs;
    this.requestId = requestId;
    this.fields = fields;
  }
}

/**
 * No answer came, or none that the server gave: whether it did what was asked is not known.
 * `timeout`: not in time · `network`: not reached · `closed`: the connection or the client ended meanwhile ·
 * `foreign`: something between us and the server answered · `token`: nothing was asked, as no token could be had.
 */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly reason: "timeout" | "network" | "closed" | "foreign" | "token";

  constructor(reason: ConnectionError["reason"], options?: ErrorOptions) {
    super(`No answer from the server: ${reason}`, options);
    this.reason = reason;
  }
}

/** Whether an error is a refusal of the server, with one of these codes if any are given. */
export const isApiError = <Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is ApiError<Code> =>
  error instanceof ApiError && (codes.length === 0 || codes.some((code) => code === error.code));

/** Whether it is one of ours; anything else that is thrown is a fault. */
export const isFailure = (error: unknown): error is ApiError | ConnectionError =>
  error instanceof ApiError || error instanceof ConnectionError;

/** Whether trying again may help. */
export const isPassing = (error: unknown): error is ApiError | ConnectionError =>
  error instanceof ConnectionError || (error instanceof ApiError && error.retryable);
