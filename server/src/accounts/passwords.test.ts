import { expect, test } from "bun:test";
import { Failure } from "../failure.ts";
import { createPasswords } from "./passwords.ts";

test("a hash is Argon2id with 19 MiB and two passes, salted, and takes its own password only", async () => {
  const { hash, verify } = createPasswords();
  const [one, other] = await Promise.all([hash("correct horse"), hash("correct horse")]);
  expect(one).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  expect(other).not.toBe(one);
  expect(await verify("correct horse", one)).toBe(true);
  expect(await verify("correct horse ", one)).toBe(false);
  expect(await verify("", one)).toBe(false);
});

test("every byte of a long password counts, and nothing is normalised", async () => {
  const { hash, verify } = createPasswords();
  const long = "я".repeat(255);
  expect(await verify(`${long}a`, await hash(`${long}b`))).toBe(false);
  expect(await verify("é".normalize("NFD"), await hash("é".normalize("NFC")))).toBe(false);
});

test("nobody has a password", async () => {
  const { verify } = createPasswords();
  expect(await verify("correct horse", undefined)).toBe(false);
});

test("two are hashed at a time, 32 wait, and more are refused as overloaded", async () => {
  const { hash, verify } = createPasswords();
  // Done when the hash that stands in for nobody is.
  await verify("x", undefined);
  const results = await Promise.allSettled(Array.from({ length: 36 }, () => hash("correct horse")));
  const refused = results.flatMap((result) =>
    result.status === "rejected" ? [result.reason as unknown] : [],
  );
  expect(refused).toHaveLength(2);
  expect(refused[0]).toBeInstanceOf(Failure);
  expect(refused[0]).toMatchObject({ code: "overloaded", retryAfterSeconds: 2 });
  expect(await hash("correct horse")).toStartWith("$argon2id$");
});
