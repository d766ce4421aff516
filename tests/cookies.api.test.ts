import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ErrorBody, SessionToken } from "@windi/protocol";
import { call, startServer, type Person, type TestServer } from "./harness.ts";
import { openPage } from "./page-visitor.ts";

const address = "https://chat.example.com";
/** One that knows its address only from the requests, one that was told, and one behind a proxy that it trusts. */
let plain: TestServer;
let told: TestServer;
let behind: TestServer;
let people: Map<TestServer, Person>;

beforeAll(async () => {
  [plain, told, behind] = await Promise.all([
    startServer(),
    startServer({ environment: { PUBLIC_URL: address, ALLOWED_ORIGINS: "https://app.example.com" } }),
    startServer({ environment: { TRUSTED_PROXIES: "127.0.0.1" } }),
  ]);
  const servers = [plain, told, behind];
  people = new Map(await Promise.all(servers.map(async (one) => [one, await one.person()] as const)));
});
afterAll(() => Promise.all([plain, told, behind].map((server) => server[Symbol.asyncDispose]())));

async function signIn(server: TestServer, headers: Record<string, string>) {
  const page = openPage(server.url, headers);
  const token = await page.signIn(people.get(server) as Person);
  return { page, token };
}

const flags = "Max-Age=15552000; Path=/; HttpOnly; SameSite=Strict";
const local = () => new URL(plain.url).port;

describe("the cookie is set", () => {
  test.each<[string, () => TestServer, () => Record<string, string>, RegExp]>([
    [
      "for this host over HTTPS only, where that is its address",
      () => told,
      () => ({ origin: address }),
      /^__Host-windi=/,
    ],
    [
      "so too where a proxy that is trusted says that it was HTTPS",
      () => behind,
      () => ({ host: "chat.lan", origin: "http://chat.lan", "x-forwarded-proto": "https" }),
      /^__Host-windi=/,
    ],
    [
      "so too where the page says so",
      () => plain,
      () => ({ host: "chat.lan", origin: "https://chat.lan" }),
      /^__Host-windi=/,
    ],
    ["plainly, within the machine", () => plain, () => ({ origin: plain.url }), /^windi-dev=/],
    [
      "so too by its other names",
      () => plain,
      () => ({ host: `[::1]:${local()}`, origin: `http://[::1]:${local()}` }),
      /^windi-dev=/,
    ],
  ])("%s", async (_, server, headers, name) => {
    const { page, token } = await signIn(server(), headers());
    expect(token.is_kept).toBe(true);
    expect(page.setCookie).toMatch(name);
    const isSecure = page.setCookie?.startsWith("__Host-") === true;
    expect(page.setCookie?.slice(page.setCookie.indexOf("; ") + 2)).toBe(
      isSecure ? `${flags}; Secure` : flags,
    );
    expect((await page.refresh()).session_id).toBe(token.session_id);
    const { cookie } = page;
    await page.post("/auth/logout");
    expect(page.setCookie).toMatch(/=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict/);
    page.cookie = cookie;
    expect((await page.post("/auth/refresh")).status).toBe(401);
  });

  test.each<[string, () => Record<string, string>]>([
    ["over plain HTTP from another machine", () => ({ host: "chat.lan", origin: "http://chat.lan" })],
    [
      "because somebody who is no proxy says that it was HTTPS",
      () => ({ host: "chat.lan", origin: "http://chat.lan", "x-forwarded-proto": "https" }),
    ],
    [
      "for a name that only begins like this machine's",
      () => ({ host: "localhost.lan", origin: "http://localhost.lan" }),
    ],
    ["for one that ends so", () => ({ host: "127.0.0.1.lan", origin: "http://127.0.0.1.lan" })],
  ])("never %s: the session ends with its token", async (_, headers) => {
    const { page, token } = await signIn(plain, headers());
    expect(token).toMatchObject({ is_kept: false, expires_in_ms: 1_800_000 });
    expect(page.setCookie).toBeUndefined();
    expect((await page.post<ErrorBody>("/auth/refresh")).body.code).toBe("session_ended");
  });

  test("not by a proxy that took one part of the way without HTTPS", async () => {
    const headers = { host: "chat.lan", origin: "http://chat.lan", "x-forwarded-proto": "https, http" };
    expect((await signIn(behind, headers)).token.is_kept).toBe(false);
  });
});

describe("with the cookie, another page", () => {
  const host = () => new URL(plain.url).host;
  const origins: [string, () => TestServer, () => Record<string, string>, number][] = [
    ["that is our own can refresh", () => told, () => ({ origin: address }), 200],
    ["that its browser calls our own can", () => told, () => ({ "sec-fetch-site": "same-origin" }), 200],
    ["that says nothing of where it comes from cannot", () => told, () => ({}), 403],
    ["that says so of a server that knows no address cannot", () => plain, () => ({}), 403],
    ["of another site cannot", () => told, () => ({ origin: "https://evil.example" }), 403],
    ["without an origin of its own cannot", () => told, () => ({ origin: "null" }), 403],
    ["whose address goes on cannot", () => told, () => ({ origin: `${address}.evil.example` }), 403],
    ["whose address fits a pattern cannot", () => told, () => ({ origin: "https://chatXexample.com" }), 403],
    ["on another port cannot", () => told, () => ({ origin: `${address}:444` }), 403],
    ["over HTTP cannot", () => told, () => ({ origin: "http://chat.example.com" }), 403],
    ["in capitals cannot", () => told, () => ({ origin: "https://CHAT.example.com" }), 403],
    ["that may open WebSockets cannot", () => told, () => ({ origin: "https://app.example.com" }), 403],
    ["of the same site cannot", () => told, () => ({ "sec-fetch-site": "same-site" }), 403],
    ["of another, says its browser, cannot", () => told, () => ({ "sec-fetch-site": "cross-site" }), 403],
    ["of another host cannot", () => plain, () => ({ origin: `http://evil.example` }), 403],
    ["of another port of this machine cannot", () => plain, () => ({ origin: `http://${host()}1` }), 403],
  ];
  const withCookie = async (server: TestServer) =>
    (await signIn(server, { origin: server === told ? address : server.url })).page.cookie ?? "";

  test.each(origins)("%s", async (_, server, headers, status) => {
    const cookie = await withCookie(server());
    for (const path of ["/auth/refresh", "/api/v1/auth/refresh", "/auth/logout"]) {
      const answer = await call<ErrorBody>(server().url, "POST", path, { headers: { ...headers(), cookie } });
      expect(answer.status).toBe(status === 200 && path.endsWith("logout") ? 204 : status);
      if (status === 403) expect(answer.body.code).toBe("origin_refused");
      if (status === 403) expect(answer.headers.getSetCookie()).toEqual([]);
    }
    const { user, password } = people.get(server()) as Person;
    const body = { email: user.email, password };
    const signedIn = await call(server().url, "POST", "/auth/sessions", { headers: headers(), body });
    expect(signedIn.status).toBe(status === 200 ? 201 : 403);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/json\ta",
  ])("cannot send %s, which a form could", async (type) => {
    const cookie = await withCookie(told);
    const headers = { origin: address, cookie, "content-type": type };
    const answer = await call<ErrorBody>(told.url, "POST", "/auth/refresh", { headers, body: {} });
    expect([answer.status, answer.body.code]).toEqual([422, "invalid_request"]);
  });

  test("cannot use it for anything else: it is no token", async () => {
    const cookie = await withCookie(told);
    for (const path of ["/auth/me", "/auth/sessions", "/chats"])
      expect((await call(told.url, "GET", path, { headers: { origin: address, cookie } })).status).toBe(401);
    const value = cookie.split("=")[1] ?? "";
    expect((await call(told.url, "GET", "/auth/me", { token: value })).status).toBe(401);
  });
});

test("the answer that holds a token is kept by nobody on the way", async () => {
  const page = openPage(plain.url);
  const { user, password } = people.get(plain) as Person;
  const answer = await page.post<SessionToken>("/auth/sessions", { email: user.email, password });
  expect(answer.headers.get("cache-control")).toBe("no-store");
});
