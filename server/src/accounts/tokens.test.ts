import { createHmac, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "bun:test";
import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader } from "jose";
import { createTokens } from "./tokens.ts";

const secret = "q7F2m0XyK9bVtR4sLw8ZcN1pJ6hD3gUa-and-more-for-HS512-01234567890";
const key = new TextEncoder().encode(secret);
const userId = "01900000-0000-7000-8000-000000000001";
const startMs = 1_800_000_000_000;

function tokensAt(algorithm: "HS256" | "HS384" | "HS512" = "HS256") {
  const clock = { ms: startMs };
  const { issue, verify } = createTokens({ secret, algorithm, lifetimeMinutes: 30, now: () => clock.ms });
  return { clock, issue, read: verify, verify: (token: string) => verify(token)?.userId };
}

/** A token that is right in everything but what is changed. */
function forge(change: { header?: object; payload?: object; key?: Uint8Array } = {}): Promise<string> {
  const seconds = startMs / 1000;
  const payload = { sub: userId, aud: "windi:access", iat: seconds, exp: seconds + 60, ...change.payload };
  return new SignJWT(JSON.parse(JSON.stringify(payload)) as Record<string, unknown>)
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", ...change.header })
    .sign(change.key ?? key);
}

test("a token names the user, its purpose and its end", async () => {
  const { issue, verify } = tokensAt();
  const token = await issue(userId);
  expect(verify(token)).toBe(userId);
  expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", typ: "at+jwt" });
  expect(decodeJwt(token)).toEqual({
    sub: userId,
    aud: "windi:access",
    iat: startMs / 1000,
    exp: startMs / 1000 + 1800,
  });
});

test("a token of a session names it, and one of after a change of the password counts these", async () => {
  const { issue, read, clock } = tokensAt();
  const sessionId = "01900000-0000-7000-8000-000000000002";
  const token = await issue(userId, { sessionId, passwordVersion: 3 }, 10);
  expect(read(token)).toEqual({ userId, sessionId, passwordVersion: 3 });
  expect(decodeJwt(token)).toMatchObject({ sid: sessionId, ver: 3, exp: startMs / 1000 + 600 });
  expect(read(await issue(userId))).toEqual({ userId, passwordVersion: 0 });
  clock.ms += 600_000;
  expect(read(token)).toBeUndefined();
});

test("a token ends when its time is over, to the second", async () => {
  const { issue, verify, clock } = tokensAt();
  const token = await issue(userId);
  clock.ms += 1_799_000;
  expect(verify(token)).toBe(userId);
  clock.ms += 1000;
  expect(verify(token)).toBeUndefined();
});

test.each(["HS256", "HS384", "HS512"] as const)(
  "%s takes its own tokens and no other algorithm's",
  async (algorithm) => {
    const { issue, verify } = tokensAt(algorithm);
    expect(verify(await issue(userId))).toBe(userId);
    for (const other of ["HS256", "HS384", "HS512"] as const) {
      if (other === algorithm) continue;
      expect(verify(await forge({ header: { alg: other } }))).toBeUndefined();
    }
  },
);

describe("no token is", () => {
  const { verify } = tokensAt();
  const base64 = (value: string | Buffer) => Buffer.from(value).toString("base64url");
  const signed = (head: string, body: string, by = secret) =>
    `${head}.${body}.${createHmac("sha256", by).update(`${head}.${body}`).digest("base64url")}`;

  test("what is right in everything is one, so that the others fail for their own reason", async () => {
    expect(verify(await forge())).toBe(userId);
  });

  test.each<[string, Parameters<typeof forge>[0]]>([
    ["one of another key", { key: new TextEncoder().encode("another key of more than 32 bytes, really") }],
    ["one for another purpose by its type", { header: { typ: "JWT" } }],
    ["one without a type", { header: { typ: undefined } }],
    ["one for another audience", { payload: { aud: "windi:reset" } }],
    ["one without an audience", { payload: { aud: undefined } }],
    ["one without a user", { payload: { sub: undefined } }],
    ["one for a user whose id is none", { payload: { sub: "1" } }],
    ["one without an end", { payload: { exp: undefined } }],
    ["one whose end is no number", { payload: { exp: "tomorrow" } }],
    ["one whose end is a number as text", { payload: { exp: String(startMs / 1000 + 60) } }],
    ["one whose beginning is no number", { payload: { nbf: "yesterday" } }],
    ["one of which nobody knows when it was issued", { payload: { iat: "now" } }],
    ["one for several audiences", { payload: { aud: ["windi:access", "windi:reset"] } }],
    ["one with more in its header", { header: { kid: "1" } }],
    ["one longer than any of ours", { payload: { more: "a".repeat(1000) } }],
    ["one of a session whose id is none", { payload: { sid: "1" } }],
    ["one of a password before the first", { payload: { ver: -1 } }],
    ["one of a password between two", { payload: { ver: 0.5 } }],
    ["one that is over", { payload: { exp: startMs / 1000 } }],
    ["one that is not valid yet", { payload: { nbf: startMs / 1000 + 60 } }],
  ])("%s", async (_, change) => {
    expect(verify(await forge(change))).toBeUndefined();
  });

  test("one with the algorithm none", async () => {
    const claims = { sub: userId, aud: "windi:access", exp: startMs / 1000 + 60 };
    expect(verify(new UnsecuredJWT(claims).encode())).toBeUndefined();
    for (const alg of ["none", "None", "NONE", "nOnE"]) {
      const parts = [{ alg, typ: "at+jwt" }, claims].map((part) => base64(JSON.stringify(part)));
      expect(verify(`${parts.join(".")}.`)).toBeUndefined();
    }
  });

  test("one that is signed with a key of two parts, or that brings its own key", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = publicKey.export({ format: "jwk" });
    const claims = { sub: userId, aud: "windi:access", exp: startMs / 1000 + 60 };
    const header = { alg: "RS256", typ: "at+jwt", jwk, jku: "http://127.0.0.1/", kid: "../../dev/null" };
    expect(verify(await new SignJWT(claims).setProtectedHeader(header).sign(privateKey))).toBeUndefined();
  });

  test.each([
    ["nothing", ""],
    ["garbage", "garbage"],
    ["three dots", "..."],
    ["parts that are not base64", "ä.ö.ü"],
    ["parts that are not JSON", signed(base64("{"), base64("{"))],
    ["a header that is an array", signed(base64("[]"), base64("{}"))],
    ["what is signed with the empty key", signed(base64('{"alg":"HS256","typ":"at+jwt"}'), base64("{}"), "")],
    ["a megabyte", "a".repeat(1_000_000)],
  ])("%s", async (_, token) => {
    expect(verify(token)).toBeUndefined();
  });

  test("one whose end is without end, or no object at all", () => {
    const head = base64('{"alg":"HS256","typ":"at+jwt"}');
    const claims = (exp: string) => base64(`{"sub":"${userId}","aud":"windi:access","exp":${exp}}`);
    expect(verify(signed(head, claims(String(startMs / 1000 + 60))))).toBe(userId);
    expect(verify(signed(head, claims("1e999")))).toBeUndefined();
    for (const body of ["null", "[]", '"text"', "1", "{", ""])
      expect(verify(signed(head, base64(body)))).toBeUndefined();
  });

  test("one that says its algorithm and is signed by another with the same key", async () => {
    const [head = "", body = ""] = (await forge()).split(".");
    const by512 = createHmac("sha512", secret).update(`${head}.${body}`).digest();
    for (const signature of [by512, by512.subarray(0, 32)])
      expect(verify(`${head}.${body}.${signature.toString("base64url")}`)).toBeUndefined();
  });

  test("one whose signature is cut, padded, spelt otherwise or followed by more", async () => {
    const token = await forge();
    const [head = "", body = "", signature = ""] = token.split(".");
    const bytes = Buffer.from(signature, "base64url");
    // The last of 43 characters holds four bits, so three other characters decode to the same bytes.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const respelt = signature.slice(0, -1) + alphabet[alphabet.indexOf(signature.at(-1) ?? "") + 1];
    expect(Buffer.from(respelt, "base64url")).toEqual(bytes);
    const cuts = [0, 1, 16, 31].map((length) => bytes.subarray(0, length).toString("base64url"));
    const others = [
      ...cuts,
      respelt,
      `${signature}=`,
      ` ${signature}`,
      bytes.toString("hex"),
      `${signature}ä`,
    ];
    for (const other of others) expect(verify(`${head}.${body}.${other}`)).toBeUndefined();
    for (const other of [`${token}.`, `${token}.${signature}`, `.${token}`, ` ${token}`, `${token}\n`])
      expect(verify(other)).toBeUndefined();
    expect(verify(token)).toBe(userId);
  });

  test("one of which any character is changed", async () => {
    const token = await forge();
    for (let i = 0; i < token.length - 1; i += 7) {
      const changed = token.slice(0, i) + (token[i] === "A" ? "B" : "A") + token.slice(i + 1);
      expect(verify(changed)).toBeUndefined();
    }
  });
});
