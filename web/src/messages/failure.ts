// What the person reads when the server refused, or did not answer: by the code, in their language.
import { ConnectionError, isApiError, type ErrorCode } from "@windi/sdk";
import type { SentenceKey } from "./catalogue.ts";
import type { Language } from "./language.ts";

/** The compiler holds it to the contract; a code that a server newer than this page answers has none. */
const sentences: Readonly<Record<ErrorCode, SentenceKey>> = {
  user_exists: "error_user_exists",
  invalid_credentials: "error_invalid_credentials",
  wrong_password: "error_wrong_password",
  session_ended: "session_ended",
  unauthenticated: "session_ended",
  session_not_found: "error_device_gone",
  origin_refused: "error_origin",
  user_not_found: "error_user_not_found",
  chat_with_self: "error_chat_with_self",
  not_the_creator: "error_not_allowed",
  creator_stays: "error_not_allowed",
  not_a_member: "error_gone",
  chat_not_found: "error_gone",
  group_not_found: "error_gone",
  message_not_found: "error_message_gone",
  not_the_sender: "error_invalid",
  too_many_pins: "error_too_many_pins",
  invalid_request: "error_invalid",
  payload_too_large: "error_invalid",
  rate_limited: "error_rate_limited",
  overloaded: "error_busy",
  draining: "error_busy",
  unavailable: "error_busy",
  storage_full: "error_storage_full",
  // Of these a person can do nothing but try again.
  internal: "error_unknown",
  chat_exists: "error_unknown",
  not_found: "error_unknown",
  method_not_allowed: "error_unknown",
  upgrade_required: "error_unknown",
};

/** A sentence for a call that failed; anything but a refusal or a missing answer is a fault, and is thrown on. */
export function describeFailure({ say, dates }: Pick<Language, "say" | "dates">, error: unknown): string {
  if (error instanceof ConnectionError) return say("error_offline");
  if (!isApiError(error)) throw error;
  if (error.code === "rate_limited" && error.retryAfterMs !== undefined)
    return say("error_rate_limited_until", { when: dates.inSeconds(error.retryAfterMs / 1000) });
  return say(Object.hasOwn(sentences, error.code) ? sentences[error.code] : "error_unknown");
}
