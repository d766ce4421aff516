import { describe, expect, test } from "bun:test";
import { ApiError, ConnectionError, type ErrorCode } from "@windi/sdk";
import { createEntry, findFaults, placeFailure, type Entry } from "./entry.ts";

const person: Entry = {
  ...createEntry(),
  name: "Anna",
  email: "anna@example.com",
  password: "correct horse",
};

describe("an account is not asked for with", () => {
  test.each<[string, Partial<Entry>, object]>([
    ["no name", { name: "  " }, { name: "field_name" }],
    ["a name that is too long", { name: "a".repeat(129) }, { name: "field_name" }],
    ["an address without a domain", { email: "anna@example" }, { email: "field_email" }],
    ["a short password", { password: "1234567" }, { password: "field_password" }],
    ["a password of more than 512 bytes", { password: "я".repeat(257) }, { password: "field_password_long" }],
    ["nothing", createEntry(), { name: "field_name", email: "field_email", password: "field_password" }],
  ])("%s", (_, change, faults) => {
    expect(findFaults("register", { ...person, ...change })).toEqual(faults as never);
  });
});

test("what is right has no fault: spaces around an address, and a name of 128 emoji", () => {
  expect(findFaults("register", person)).toEqual({});
  expect(findFaults("register", { ...person, name: "🙂".repeat(128), email: " a@b.de " })).toEqual({});
});

test("signing in asks for an address and a password, of whatever form", () => {
  expect(findFaults("sign_in", { ...person, name: "", email: "anna@localhost", password: "1" })).toEqual({});
  expect(findFaults("sign_in", createEntry())).toEqual({
    email: "field_email",
    password: "field_password_missing",
  });
});

describe("a refusal is told", () => {
  const refusal = (code: ErrorCode, ...fields: string[]) =>
    new ApiError({
      code,
      detail: "…",
      fields: fields.map((field) => ({ loc: ["body", field], msg: "…", type: "…" })),
    });

  test("at the field that it is about", () => {
    expect(placeFailure("register", refusal("user_exists"))).toEqual({ email: "error_user_exists" });
    expect(placeFailure("sign_in", refusal("invalid_credentials"))).toEqual({
      password: "error_invalid_credentials",
    });
    expect(placeFailure("register", refusal("invalid_request", "email", "password"))).toEqual({
      email: "field_email",
      password: "field_password",
    });
  });

  test("beside the button when it is about no field of ours", () => {
    for (const error of [
      refusal("rate_limited"),
      refusal("invalid_request"),
      refusal("invalid_request", "constructor"),
      new ConnectionError("network"),
    ])
      expect(placeFailure("register", error)).toBeUndefined();
  });
});
