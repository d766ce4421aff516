// What the person reads when a call failed: by the code, in their language.
import type { ErrorCode } from "@windi/protocol";
import type { SentenceKey } from "../messages/catalogue.ts";
import type { Language } from "../messages/language.ts";
import { ApiError } from "../wire/api.ts";

const sentences: Partial<Record<ErrorCode | "offline", SentenceKey>> = {
  user_exists: "error_user_exists",
  invalid_credentials: "error_invalid_credentials",
  user_not_found: "error_user_not_found",
  chat_with_self: "error_chat_with_self",
  not_the_creator: "error_not_allowed",
  creator_stays: "error_not_allowed",
  not_a_member: "error_gone",
  chat_not_found: "error_gone",
  group_not_found: "error_gone",
  invalid_request: "error_invalid",
  rate_limited: "error_rate_limited",
  overloaded: "error_busy",
  draining: "error_busy",
  unavailable: "error_busy",
  storage_full: "error_storage_full",
  offline: "error_offline",
};

export const describeCode = (language: Language, code: ErrorCode | "offline"): string =>
  language.say(sentences[code] ?? "error_unknown");

/** A sentence for a call that failed; anything but an `ApiError` is a bug and is thrown on. */
export function describeFailure(language: Language, error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === "rate_limited" && error.retryAfterSeconds !== undefined) {
    return language.say("error_rate_limited_until", {
      when: language.dates.inSeconds(error.retryAfterSeconds),
    });
  }
  return describeCode(language, error.code);
}
