import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ErrorBody, GroupInfo } from "@windi/protocol";
import postgres from "postgres";
import { call, createPerson, testEnvironment, type Person } from "./harness.ts";
import { openPage } from "./page-visitor.ts";
import { startProcess, type ServerProcess } from "./process.ts";
import { openByTicket, openSocket } from "./socket.ts";

let server: ServerProcess;
let url: string;
let sql: postgres.Sql;
let alice: Person;
/** Refresh tokens, access tokens and tickets that were given out. */
const givenOut: string[] = [];

beforeAll(async () => {
  const settings = { LOG_LEVEL: "trace", JWT_SECRET_KEY: "marker-key-q7F2m0XyK9bVtR4sLw8ZcN1pJ6" };
  const environment = await testEnvironment({ database: "server", environment: settings });
  server = startProcess(environment);
  url = await server.listening;
  sql = postgres(environment["DATABASE_URL"] ?? "", { max: 1, onnotice: () => {} });
  alice = await createPerson(url, "Alice");
});
afterAll(async () => {
  await sql.end();
  await server[Symbol.asyncDispose]();
});

/** All lines of the log of a server that has ended. */
async function endedLog(): Promise<Record<string, unknown>[]> {
  server.kill("SIGTERM");
  await server.exited;
  return [...server.log, ...(server.errors === "" ? [] : [{ errors: server.errors }])] as Record<
    string,
    unknown
  >[];
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call<ErrorBody>(url, "POST", path, { body, headers, token: alice.token });

describe("of what people send, the log holds", () => {
  beforeAll(async () => {
    const secret = {
      password: "marker-password",
      token: "marker-token",
      access_token: "marker-token",
      secret: "marker-token",
    };
    const headers = {
      cookie: "session=marker-cookie",
      "x-api-key": "marker-key",
      "proxy-authorization": "Basic marker-basic",
      "user-agent": "marker-agent",
      referer: "http://localhost/?token=marker-referer",
      "x-request-id": "marker-line\u00a0break",
    };
    const email = `marker-address-${crypto.randomUUID()}@example.org`;
    for (const prefix of ["", "/api/v1"]) {
      for (const path of ["/auth/register", "/auth/login", "/chats", "/groups", "/nowhere"])
        await post(
          `${prefix}${path}?token=marker-query&password=marker-query`,
          { ...secret, name: "marker-name", email },
          headers,
        );
      await call(url, "GET", `${prefix}/auth/me`, { token: "marker-bearer", headers });
      await fetch(`${url}${prefix}/auth/login`, { method: "POST", body: "marker-garbage {" });
      await (
        await openSocket(url, "marker-socket-token", `${prefix}/ws`)
      ).closed;
    }
    const { id } = (await post("/groups", { title: "marker-title" })).body as unknown as GroupInfo;
    const socket = await openSocket(url, alice.token);
    await socket.request({ action: "join_chat", chat_id: id });
    await socket.request({
      action: "send_message",
      chat_id: id,
      text: "marker-text",
      idempotency_key: "marker-idempotency",
    });
    await socket.request({ action: "send_message", chat_id: id, text: { marker: "marker-text" } });
    socket.send("marker-frame {");
    await socket.settle();

    await stayAndLeave();

    // A database that refuses tells of the row that it refuses.
    await sql`alter table messages add constraint refused check (text not like '%refused%') not valid`;
    await sql`alter table chats add constraint refused check (title not like '%refused%') not valid`;
    await sql`alter table users add constraint refused check (name not like '%refused%') not valid`;
    const refused =
      "refused marker-refused\n    at marker-refused (marker-refused:1:1)\nparams: marker-refused";
    const statuses = [
      (await post(`/chats/${id}/messages`, { text: refused })).status,
      (await post("/groups", { title: refused })).status,
      (await post("/auth/register", { name: refused, email: `new-${email}`, password: "marker-password" }))
        .status,
    ];
    expect(statuses).toEqual([500, 500, 500]);
    expect(await socket.request({ action: "send_message", chat_id: id, text: refused })).toMatchObject({
      code: "internal",
    });
  });

  /** Everything that a session can go through, the theft of its cookie included. */
  async function stayAndLeave(): Promise<void> {
    const page = openPage(url);
    const thief = openPage(url);
    const { access_token: token, session_id } = await page.signIn(alice);
    thief.cookie = page.cookie;
    givenOut.push(token);
    for (let i = 0; i < 2; i++) {
      givenOut.push(page.cookie ?? "", (await page.refresh()).access_token);
      const { ticket } = (await call<{ ticket: string }>(url, "POST", "/auth/ws-ticket", { token })).body;
      givenOut.push(ticket, page.cookie ?? "");
      for (const path of ["/ws", "/api/v1/ws"]) (await openByTicket(url, ticket, path)).close();
    }
    expect((await thief.post("/auth/refresh")).status).toBe(401);
    (await openByTicket(url, "marker-ticket")).close();
    await page.post("/auth/logout");
    for (const [method, path, body] of [
      ["PUT", "/auth/me/password", { current_password: "marker-wrong", new_password: "marker-new-password" }],
      ["PATCH", "/auth/me", { name: "marker-new-name" }],
      ["DELETE", `/auth/sessions/${session_id}`, undefined],
    ] as const)
      await alice.call(method, path, body);
  }

  test("nothing: no password, no token, no text, no name, also when the database fails on them", async () => {
    const lines = (await endedLog()).map((line) => JSON.stringify(line));
    expect(lines.length).toBeGreaterThan(15);
    const secrets = ["marker-", alice.token, alice.token.split(".")[2] ?? "", alice.password, "$argon2"];
    // What is behind the last dot nobody but the server can make.
    const codes = givenOut.map((given) => given.split(".").at(-1) ?? "");
    expect(codes).toHaveLength(9);
    expect(codes.filter((code) => code.length < 43)).toEqual([]);
    const found = lines.filter((line) =>
      [...secrets, ...givenOut, ...codes].some((secret) => line.includes(secret)),
    );
    expect(found).toEqual([]);
  });

  test("of a refresh token that was used again its session and its user", async () => {
    const lines = await endedLog();
    const theft = lines.filter(({ msg }) => msg === "a refresh token was used again: its session is ended");
    expect(theft).toMatchObject([{ level: "warn", user_id: alice.user.id, session_id: expect.any(String) }]);
  });

  test("each request with its id, and each fault with its id, its code and its place", async () => {
    const lines = await endedLog();
    const requests = lines.filter(({ msg }) => msg === "request");
    expect(requests.length).toBeGreaterThan(15);
    for (const request of requests)
      expect(request).toMatchObject({
        request_id: expect.any(String),
        path: expect.stringMatching(/^[^?]*$/),
      });
    const faults = lines.filter(({ msg }) => msg === "fault");
    expect(faults).toHaveLength(4);
    for (const fault of faults) {
      expect(fault).toMatchObject({ request_id: expect.any(String) });
      expect(JSON.stringify(fault)).toContain('"code":"23514"');
      expect(JSON.stringify(fault)).toMatch(/"stack":"at /);
    }
  });
});
