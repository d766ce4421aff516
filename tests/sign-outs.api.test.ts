import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { SessionToken } from "@windi/protocol";
import { call, signIn, startNodes, type Person, type TestNodes, type TestServer } from "./harness.ts";
import { openPage, type Visitor } from "./page-visitor.ts";
import { openSocket, type TestSocket } from "./socket.ts";

interface Device {
  page: Visitor;
  token: SessionToken;
  /** Its connections, one to each node. */
  sockets: [TestSocket, TestSocket];
}

/** Looks at the database never, or soon. */
describe.each(["3600", "1"])("on two nodes", (auditSeconds) => {
  const hasBus = auditSeconds === "3600";
  let nodes: TestNodes;
  let one: TestServer;
  let alice: Person;
  let open: TestSocket[] = [];

  beforeEach(async () => {
    nodes = await startNodes({ AUDIT_SECONDS: auditSeconds });
    [one] = nodes.servers;
    alice = await one.person("Alice");
  });
  afterEach(async () => {
    for (const socket of open) socket.close();
    open = [];
    await nodes[Symbol.asyncDispose]();
  });

  const connect = async (token: string) => {
    const sockets = await Promise.all(nodes.servers.map(({ url }) => openSocket(url, token)));
    open.push(...sockets);
    return sockets as [TestSocket, TestSocket];
  };

  async function newDevice(person: Person = alice): Promise<Device> {
    const page = openPage(one.url);
    const token = await page.signIn(person);
    return { page, token, sockets: await connect(token.access_token) };
  }

  const askAs = ({ token }: Device, method: string, path: string, body?: unknown) =>
    call(one.url, method, path, { token: token.access_token, body });
  const codesOf = (sockets: readonly TestSocket[]) =>
    Promise.all(sockets.map(async ({ closed }) => (await closed).code));
  const expectOpen = (sockets: readonly TestSocket[]) =>
    Promise.all(sockets.map((socket) => socket.settle()));
  const newPassword = { current_password: "correct horse", new_password: "battery staple" };

  const logoutByToken = ({ token }: Device) =>
    call(one.url, "POST", "/auth/logout", { token: token.access_token, headers: { origin: one.url } });

  /** How a session can end, and which of a user's two sessions then do. */
  const ways: [string, (own: Device, other: Device) => Promise<unknown>, "own" | "other"][] = [
    ["signing out", ({ page }) => page.post("/auth/logout"), "own"],
    ["signing out by the access token, without a cookie", logoutByToken, "own"],
    [
      "another device",
      (own, { token }) => askAs(own, "DELETE", `/auth/sessions/${token.session_id}`),
      "other",
    ],
    ["another device, with all others", (own) => askAs(own, "DELETE", "/auth/sessions"), "other"],
    ["a change of the password", (own) => askAs(own, "PUT", "/auth/me/password", newPassword), "other"],
    [
      "a refresh token that is used again",
      async ({ page, token }) => {
        const thief = openPage(one.url);
        thief.cookie = page.cookie;
        await page.refresh();
        await page.refresh();
        expect((await thief.post("/auth/refresh")).status).toBe(401);
        expect(token.is_kept).toBe(true);
      },
      "own",
    ],
    ["signing in again in the same browser", async ({ page }) => void (await page.signIn(alice)), "own"],
  ];

  const how = hasBus ? "over the bus, at once" : "without the bus, by the next look";

  test.each(ways)(`%s closes the session's sockets on both, and no others: ${how}`, async (_, end, which) => {
    const [own, other, bob] = [
      await newDevice(),
      await newDevice(),
      await newDevice(await one.person("Bob")),
    ];
    if (!hasBus) nodes.wire.interrupt();
    await end(own, other);
    const [over, left] = which === "own" ? [own, other] : [other, own];
    expect(await codesOf(over.sockets)).toEqual([4001, 4001]);
    await expectOpen([...left.sockets, ...bob.sockets]);
    const [again] = await connect(over.token.access_token);
    expect((await again.closed).code).toBe(4001);
  });

  test(`a change of the password closes what was opened with plain tokens: ${how}`, async () => {
    const own = await newDevice();
    const sockets = await connect(alice.token);
    if (!hasBus) nodes.wire.interrupt();
    expect((await askAs(own, "PUT", "/auth/me/password", newPassword)).status).toBe(204);
    expect(await codesOf(sockets)).toEqual([4001, 4001]);
    expect((await alice.call("GET", "/auth/me")).status).toBe(401);
    await expectOpen(own.sockets);
    const again = await signIn(one.url, alice.user, newPassword.new_password);
    await expectOpen(await connect(again.token));
  });

  if (!hasBus)
    test("a session that is over by itself is closed by the next look", async () => {
      const page = openPage(one.url, { host: "chat.lan", origin: "http://chat.lan" });
      const { is_kept, access_token, session_id } = await page.signIn(alice);
      expect(is_kept).toBe(false);
      const sockets = await connect(access_token);
      await endByTime(session_id);
      expect(await codesOf(sockets)).toEqual([4001, 4001]);
      expect((await call(one.url, "GET", "/auth/me", { token: access_token })).status).toBe(401);
    });

  async function endByTime(sessionId: string): Promise<void> {
    const sql = new Bun.SQL(one.environment["DATABASE_URL"] ?? "");
    await sql`update sessions set ends_at = now() - interval '1 second' where id = ${sessionId}`;
    await sql.close();
  }
});
