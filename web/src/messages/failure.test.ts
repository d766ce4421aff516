import { expect, test } from "bun:test";
import { ApiError, ConnectionError, type ErrorCode } from "@windi/sdk";
import { describeFailure } from "./failure.ts";
import { createLanguage } from "./language.ts";

const language = createLanguage("en", []);
const refusal = (code: string, retryAfterMs?: number) =>
  new ApiError({ code: code as ErrorCode, detail: "…", retryAfterMs });

test("a refusal is told by its code", () => {
  expect(describeFailure(language, refusal("user_exists"))).toBe(language.say("error_user_exists"));
  expect(describeFailure(language, refusal("too_many_pins"))).toContain("Unpin");
  expect(describeFailure(language, refusal("origin_refused"))).toContain("PUBLIC_URL");
});

test("too many attempts name the moment from which it goes on", () => {
  expect(describeFailure(language, refusal("rate_limited", 90_000))).toContain("in 2 minutes");
});

test("a code that this page does not know has a sentence of its own", () => {
  for (const code of ["from_tomorrow", "constructor"])
    expect(describeFailure(language, refusal(code))).toBe(language.say("error_unknown"));
});

test("no answer is told as that", () => {
  expect(describeFailure(language, new ConnectionError("network"))).toBe(language.say("error_offline"));
});

test("a fault of ours is no sentence for people", () => {
  expect(() => describeFailure(language, new TypeError("a fault"))).toThrow("a fault");
});
