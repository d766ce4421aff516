import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ErrorBody } from "@windi/protocol";
import { SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { call, startServer, temporaryDirectory, type Person, type TestServer } from "./harness.ts";
import { openSocket } from "./socket.ts";

const secret = "q7F2m0XyK9bVtR4sLw8ZcN1pJ6hD3gUa";
let server: TestServer;
let alice: Person;

beforeAll(async () => {
  server = await startServer({ environment: { JWT_SECRET_KEY: secret } });
  alice = await server.person("Alice");
});
afterAll(() => server[Symbol.asyncDispose]());

/** A token that is right in everything but what is changed. */
function forge(change: { header?: object; payload?: JWTPayload; key?: string } = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const payload = { sub: alice.user.id, aud: "windi:access", iat: now, exp: now + 60, ...change.payload };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", ...change.header })
    .sign(new TextEncoder().encode(change.key ?? secret));
}

const tokens: [string, () => string | Promise<string>][] = [
  ["no token", () => ""],
  ["garbage", () => "garbage"],
  ["garbage in three parts", () => "a.b.c"],
  ["the user's id", () => alice.user.id],
  [
    "the algorithm none",
    () => new UnsecuredJWT({ sub: alice.user.id, aud: "windi:access" }).setExpirationTime("1h").encode(),
  ],
  ["another algorithm", () => forge({ header: { alg: "HS512" } })],
  ["another key", () => forge({ key: "another key of more than 32 bytes, really" })],
  ["another purpose by its type", () => forge({ header: { typ: "JWT" } })],
  ["another audience", () => forge({ payload: { aud: "windi:reset" } })],
  ["one that is over", () => forge({ payload: { exp: Math.floor(Date.now() / 1000) - 1 } })],
  ["a user who does not exist", () => forge({ payload: { sub: crypto.randomUUID() } })],
  ["a user who is no user", () => forge({ payload: { sub: "1" } })],
  ["a user who is SQL", () => forge({ payload: { sub: "' or 1=1 --" } })],
  ["a user with a NUL", () => forge({ payload: { sub: "a\0b" } })],
];

describe("a token that is not good is refused everywhere, in the same words:", () => {
  test("a good one is not", async () => {
    const token = await forge();
    expect((await call(server.url, "GET", "/auth/me", { token })).body).toMatchObject(alice.user);
    await (await openSocket(server.url, token)).settle();
  });

  test.each(tokens)("%s", async (_, make) => {
    const token = await make();
    const viaHttp = await call<ErrorBody>(server.url, "GET", "/auth/me", { token });
    const none = await call<ErrorBody>(server.url, "GET", "/auth/me");
    expect([viaHttp.status, viaHttp.body.code]).toEqual([401, "unauthenticated"]);
    expect({ ...viaHttp.body, request_id: "" }).toEqual({ ...none.body, request_id: "" });
    expect(await (await openSocket(server.url, token)).closed).toMatchObject({ code: 4001 });
  });

  test("a good one in the query of a call, in a cookie or in a body", async () => {
    const { token } = alice;
    const cookie = `token=${token}; access_token=${token}`;
    const { status } = await call(server.url, "GET", `/chats?token=${token}&access_token=${token}`, {
      headers: { cookie },
    });
    expect(status).toBe(401);
  });
});

test("an unknown address and a wrong password take the same time", async () => {
  const timeOf = async (email: string) => {
    const start = performance.now();
    await call(server.url, "POST", "/auth/login", { body: { email, password: "wrong password" } });
    return performance.now() - start;
  };
  const unknown: number[] = [];
  const wrong: number[] = [];
  for (let i = 0; i < 20; i++) {
    unknown.push(await timeOf(`${crypto.randomUUID()}@example.org`));
    wrong.push(await timeOf(alice.user.email));
  }
  const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length / 2] ?? 0;
  const ratio = median(unknown) / median(wrong);
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
}, 60_000);

test("the key that the server makes is for its owner only, and outlives a restart", async () => {
  const environment = { DATA_DIR: temporaryDirectory() };
  const first = await startServer({ environment });
  const bob = await first.person("Bob");
  await first[Symbol.asyncDispose]();
  const { mode, size } = statSync(join(environment.DATA_DIR, "jwt-secret"));
  expect([(mode & 0o777).toString(8), size]).toEqual(["600", 65]);
  await using second = await startServer({ environment });
  expect((await call(second.url, "GET", "/auth/me", { token: bob.token })).body).toMatchObject(bob.user);
  expect((await call(server.url, "GET", "/auth/me", { token: bob.token })).status).toBe(401);
});
