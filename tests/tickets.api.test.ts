import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { SessionToken, WebSocketTicket } from "@windi/protocol";
import { call, startNodes, type Person, type TestNodes } from "./harness.ts";
import { openPage } from "./page-visitor.ts";
import { exchange } from "./raw-http.ts";
import { openByTicket, openSocket, type TestSocket } from "./socket.ts";

describe("a WebSocket by ticket, on two nodes", () => {
  let nodes: TestNodes;
  let urls: [string, string];
  let alice: Person;
  let page: SessionToken;

  beforeAll(async () => {
    nodes = await startNodes({ AUDIT_SECONDS: "3600" });
    urls = nodes.servers.map(({ url }) => url) as [string, string];
    alice = await nodes.servers[0].person("Alice");
  });
  afterAll(() => nodes[Symbol.asyncDispose]());

  const newTicket = async (token: string) =>
    (await call<WebSocketTicket>(urls[0], "POST", "/auth/ws-ticket", { token })).body.ticket;
  const isClosed = async (socket: TestSocket) => (await socket.closed).code;

  test.each(["/ws", "/api/v1/ws"])("opens %s as who it was given to, on any node", async (path) => {
    page = await openPage(urls[0]).signIn(alice);
    for (const url of urls) {
      for (const token of [alice.token, page.access_token]) {
        const socket = await openByTicket(url, await newTicket(token), path);
        await socket.settle();
        socket.close();
      }
    }
  });

  test("of fifty at the same moment one is let in", async () => {
    const ticket = await newTicket(alice.token);
    const sockets = await Promise.all(
      Array.from({ length: 50 }, (_, n) => openByTicket(urls[n % 2] ?? "", ticket)),
    );
    const fates = sockets.map((socket) =>
      Promise.race([
        socket.settle().then(
          () => "open",
          () => "closed",
        ),
        isClosed(socket),
      ]),
    );
    const results = await Promise.all(fates);
    expect(results.filter((fate) => fate === "open")).toHaveLength(1);
    for (const socket of sockets) socket.close();
  });

  test("a used one, a forged one, a token, and one of a session that ended are as a bad token", async () => {
    const used = await newTicket(alice.token);
    (await openByTicket(urls[0], used)).close();
    const other = openPage(urls[0]);
    const { access_token } = await other.signIn(alice);
    const ended = await newTicket(access_token);
    await other.post("/auth/logout");
    const forged = (await newTicket(alice.token)).replace(/^..../, "AAAA");
    const bad = await isClosed(await openSocket(urls[1], "garbage"));
    for (const ticket of [used, ended, forged, alice.token, "", "garbage"])
      expect(await isClosed(await openByTicket(urls[1], ticket))).toBe(bad);
    expect(bad).toBe(4001);
  });

  test("a ticket is no token, and not good in the address", async () => {
    const ticket = await newTicket(alice.token);
    expect((await call(urls[0], "GET", "/auth/me", { token: ticket })).status).toBe(401);
    expect(await isClosed(await openSocket(urls[0], ticket))).toBe(4001);
    const socket = await openByTicket(urls[0], ticket);
    await socket.settle();
    socket.close();
  });

  /** What the answer to a handshake says is spoken. */
  async function protocolOf(offered: string[], headers: string[] = []) {
    const answer = await exchange(urls[0], [
      "GET /ws HTTP/1.1",
      `Host: ${new URL(urls[0]).host}`,
      ...["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ...offered.map((protocol) => `Sec-WebSocket-Protocol: ${protocol}`),
      ...headers,
    ]);
    return { status: answer.status, protocol: answer.headers.get("sec-websocket-protocol") };
  }

  test("the answer names the protocol and never the ticket, in whatever order they are offered", async () => {
    const offer = async () => `ticket.${await newTicket(alice.token)}`;
    const answered = { status: 101, protocol: "windi" };
    expect(await protocolOf([`windi, ${await offer()}`])).toEqual(answered);
    expect(await protocolOf([`${await offer()},windi`])).toEqual(answered);
    expect(await protocolOf([await offer(), "windi"])).toEqual(answered);
    expect(await protocolOf(["windi"])).toEqual(answered);
    expect(await protocolOf([])).toEqual({ status: 101, protocol: null });
  });

  test("a page of another origin is refused before its ticket is looked at", async () => {
    const ticket = await newTicket(alice.token);
    const offered = [`windi, ticket.${ticket}`];
    expect((await protocolOf(offered, ["Origin: https://evil.example"])).status).toBe(403);
    expect((await protocolOf(offered, [`Origin: ${urls[0]}`])).status).toBe(101);
  });
});
