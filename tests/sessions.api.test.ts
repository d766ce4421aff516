import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ErrorBody, SessionInfo, SessionToken } from "@windi/protocol";
import { call, startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";
import { openPage, type Visitor } from "./page-visitor.ts";

const kinds: DatabaseKind[] = ["embedded", "server"];
const codeOf = async (visitor: Visitor, path: string) => (await visitor.post<ErrorBody>(path)).body.code;

describe.each(kinds)("staying signed in, on the %s database", (database) => {
  let server: TestServer;
  let alice: Person;
  beforeAll(async () => {
    server = await startServer({ database });
    alice = await server.person("Alice");
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const me = ({ access_token: token }: SessionToken) => call(server.url, "GET", "/auth/me", { token });
  const devices = async ({ access_token: token }: SessionToken) =>
    (await call<{ sessions: SessionInfo[] }>(server.url, "GET", "/auth/sessions", { token })).body.sessions;

  test("a page gets a token for ten minutes, and a cookie that gets the next one", async () => {
    const page = openPage(server.url);
    const first = await page.signIn(alice);
    expect(first).toMatchObject({ is_kept: true, expires_in_ms: 600_000 });
    expect((await me(first)).body).toMatchObject(alice.user);
    const before = page.cookie;
    const second = await page.refresh();
    expect(second.session_id).toBe(first.session_id);
    expect(page.cookie).not.toBe(before);
    expect((await me(second)).status).toBe(200);
  });

  test("the cookie is good below both addresses", async () => {
    const page = openPage(server.url);
    const body = { email: alice.user.email, password: alice.password };
    const { session_id } = (await page.post<SessionToken>("/api/v1/auth/sessions", body)).body;
    expect((await page.refresh()).session_id).toBe(session_id);
    expect((await page.post<SessionToken>("/api/v1/auth/refresh")).body.session_id).toBe(session_id);
    expect((await page.post("/auth/logout")).status).toBe(204);
  });

  test("signing out ends the token at once, and takes the cookie away", async () => {
    const page = openPage(server.url);
    const token = await page.signIn(alice);
    const { cookie } = page;
    expect((await page.post("/auth/logout")).status).toBe(204);
    expect(page.cookie).toBeUndefined();
    expect((await me(token)).status).toBe(401);
    page.cookie = cookie;
    expect(await codeOf(page, "/auth/refresh")).toBe("session_ended");
    expect((await page.post("/auth/logout")).status).toBe(204);
  });

  test("signing out ends the session of the access token too, where no cookie is kept, and no other", async () => {
    const plain = { host: "chat.lan", origin: "http://chat.lan" };
    const signIn = () => openPage(server.url, plain).signIn(alice);
    const [first, second, kept] = [await signIn(), await signIn(), await openPage(server.url).signIn(alice)];
    expect([first.is_kept, kept.is_kept]).toEqual([false, true]);
    const logout = (token: string) => call(server.url, "POST", "/auth/logout", { token, headers: plain });
    expect((await logout(first.access_token)).status).toBe(204);
    expect(await Promise.all([first, second, kept].map(async (one) => (await me(one)).status))).toEqual([
      401, 200, 200,
    ]);
    for (const token of [first.access_token, alice.token, "garbage", `${second.access_token}x`])
      expect((await logout(token)).status).toBe(204);
    expect([(await me(second)).status, (await me(kept)).status]).toEqual([200, 200]);
    expect((await logout(kept.access_token)).status).toBe(204);
    expect([(await me(second)).status, (await me(kept)).status]).toEqual([200, 401]);
  });

  test("twenty tabs that refresh at the same moment go on with one session", async () => {
    const page = openPage(server.url);
    const { session_id } = await page.signIn(alice);
    const tabs = Array.from({ length: 20 }, () => openPage(server.url));
    for (const tab of tabs) tab.cookie = page.cookie;
    const answers = await Promise.all(tabs.map((tab) => tab.refresh()));
    expect(new Set(tabs.map((tab) => tab.cookie)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.session_id))).toEqual(new Set([session_id]));
    for (const answer of answers) expect((await me(answer)).status).toBe(200);
  });

  test("a cookie of three refreshes ago ends the session", async () => {
    const page = openPage(server.url);
    const token = await page.signIn(alice);
    const stolen = openPage(server.url);
    stolen.cookie = page.cookie;
    for (let i = 0; i < 3; i++) await page.refresh();
    expect(await codeOf(stolen, "/auth/refresh")).toBe("session_ended");
    expect((await me(token)).status).toBe(401);
    expect(await codeOf(page, "/auth/refresh")).toBe("session_ended");
  });

  test.each([
    ["nothing", undefined],
    ["garbage", "windi-dev=garbage"],
    ["an empty one", "windi-dev="],
    ["an access token", "token"],
    ["one whose count is changed", "count"],
    ["one under another name", "name"],
  ])("a page that has %s is signed out", async (_, cookie) => {
    const page = openPage(server.url);
    const { access_token } = await page.signIn(alice);
    const good = page.cookie ?? "";
    if (cookie === "token") page.cookie = `windi-dev=${access_token}`;
    else if (cookie === "count") page.cookie = good.replace(".0.", ".1.");
    else if (cookie === "name") page.cookie = good.replace("windi-dev", "__Host-windi");
    else page.cookie = cookie;
    expect(page.cookie).not.toBe(good);
    expect(await codeOf(page, "/auth/refresh")).toBe("session_ended");
  });

  test("a wrong password is refused, and sets nothing", async () => {
    const page = openPage(server.url);
    const answer = await page.post<ErrorBody>("/auth/sessions", {
      email: alice.user.email,
      password: "wrong",
    });
    expect([answer.status, answer.body.code]).toEqual([401, "invalid_credentials"]);
    expect(page.setCookie).toBeUndefined();
  });

  test("my devices are listed with what they are, the one that asks is marked, and the last used is first", async () => {
    const bob = await server.person("Bob");
    const agents = [
      "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1",
    ];
    const [computer, phone] = agents.map((agent) =>
      openPage(server.url, { origin: server.url, "user-agent": agent }),
    );
    await phone?.signIn(bob);
    const token = await computer?.signIn(bob);
    const list = await devices(token as SessionToken);
    expect(list.map(({ device, address, is_current }) => ({ device, address, is_current }))).toEqual([
      { device: "Firefox on Linux", address: "127.0.0.0/24", is_current: true },
      { device: "Safari on iPhone", address: "127.0.0.0/24", is_current: false },
    ]);
    await phone?.refresh();
    expect((await devices(token as SessionToken)).map(({ device }) => device)).toEqual([
      "Safari on iPhone",
      "Firefox on Linux",
    ]);
    expect(JSON.stringify(list)).not.toContain(computer?.cookie?.split(".").at(-1) ?? "none");
  });

  test("one device ends another, or all others, and nobody else's", async () => {
    const bob = await server.person("Bob");
    const pages = [1, 2, 3].map(() => openPage(server.url));
    const [first, second, third] = (await Promise.all(pages.map((page) => page.signIn(bob)))) as [
      SessionToken,
      SessionToken,
      SessionToken,
    ];
    const own = await openPage(server.url).signIn(alice);
    const end = (path: string, { access_token: token }: SessionToken) =>
      call<ErrorBody>(server.url, "DELETE", `/auth/sessions${path}`, { token });
    const foreign = await end(`/${second.session_id}`, own);
    const none = await end(`/${crypto.randomUUID()}`, own);
    expect([foreign.status, foreign.body.code]).toEqual([404, "session_not_found"]);
    expect({ ...foreign.body, request_id: "" }).toEqual({ ...none.body, request_id: "" });
    expect((await end(`/${second.session_id}`, first)).status).toBe(204);
    expect((await end(`/${second.session_id}`, first)).status).toBe(404);
    expect([(await me(second)).status, (await me(third)).status]).toEqual([401, 200]);
    expect((await end("", first)).status).toBe(204);
    expect([(await me(first)).status, (await me(third)).status, (await me(own)).status]).toEqual([
      200, 401, 200,
    ]);
    expect((await devices(first)).map(({ id }) => id)).toEqual([first.session_id]);
  });
});
