import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatInfo, ErrorBody, MessageInfo } from "@windi/protocol";
import postgresClient from "postgres";
import { call, createPerson, temporaryDirectory, type Person } from "./harness.ts";
import { startPostgres, type PostgresServer } from "./postgres.ts";
import { processEnvironment, startProcess, type ServerProcess } from "./process.ts";
import type { TestSocket } from "./socket.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { until } from "./until.ts";

// Servers are started, killed and started again here, on a machine that may be busy.
setDefaultTimeout(90_000);

const portOf = (url: string) => Number(new URL(url).port);
const status = async (url: string, path: string) => (await call(url, "GET", path)).status;

describe("while the database is away", () => {
  let postgres: PostgresServer;
  let proxy: TcpProxy;
  let server: ServerProcess;
  let url: string;
  let alice: Person;
  let bob: Person;
  let chat: ChatInfo;
  let sent = 0;

  beforeAll(async () => {
    postgres = await startPostgres();
    proxy = await startTcpProxy(portOf(postgres.url));
    const through = new URL(postgres.createDatabase());
    through.port = String(proxy.port);
    const environment = { DATABASE_URL: through.href };
    server = startProcess(await processEnvironment({ database: "server", environment }));
    url = await server.listening;
    [alice, bob] = [await createPerson(url, "Alice"), await createPerson(url, "Bob")];
    chat = (await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id })).body;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  const send = (socket: TestSocket, key: string) =>
    socket.request({ action: "send_message", chat_id: chat.id, text: key, idempotency_key: key });

  async function expectRefusals(socket: TestSocket): Promise<void> {
    await until(async () => (await status(url, "/readyz")) === 503);
    expect(await status(url, "/livez")).toBe(200);
    const calls = [
      ["GET", "/chats"],
      ["GET", `/messages/history/${chat.id}`],
      ["POST", `/chats/${chat.id}/messages`, { text: "no" }],
      ["POST", "/groups", { title: "No" }],
      ["POST", "/auth/login", { email: alice.user.email, password: alice.password }],
    ] as const;
    // Many more than the pool has connections: none waits for another.
    const answers = await Promise.all(
      [...calls, ...calls, ...calls, ...calls, ...calls, ...calls].map(([method, path, body]) =>
        alice.call<ErrorBody>(method, path, body),
      ),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({
        code: "unavailable",
        detail: expect.stringContaining("nothing is lost"),
      });
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(await send(socket, "refused")).toMatchObject({
      code: "unavailable",
      retry_after_ms: expect.any(Number),
    });
    const read = { action: "message_read", chat_id: chat.id, message_id: crypto.randomUUID() };
    expect(await socket.request(read)).toMatchObject({ code: "unavailable" });
    // A token cannot be checked now: no WebSocket, and a clear answer instead.
    const handshake = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-version": "13" };
    const key = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
    const refused = await fetch(`${url}/ws?token=${alice.token}`, { headers: { ...handshake, ...key } });
    expect(refused.status).toBe(503);
  }

  async function expectHealed(socket: TestSocket): Promise<void> {
    await until(async () => (await status(url, "/readyz")) === 200, 10_000);
    const key = `healed ${++sent}`;
    const answer = await until(async () => {
      const frame = await send(socket, key);
      return frame.event === "new_message" && frame;
    });
    const history = await bob.call<MessageInfo[]>(
      "GET",
      `/messages/history/${chat.id}?before_seq=2147483647`,
    );
    expect(history.body.map((message) => message.seq)).toEqual(history.body.map((_, n) => n + 1));
    expect(history.body.at(-1)).toEqual(answer.data);
    expect(history.body.filter((message) => message.text === key)).toHaveLength(1);
    expect(history.body.filter((message) => message.text === "refused").length).toBeLessThanOrEqual(1);
    expect(server.isRunning).toBe(true);
  }

  test("everything is refused as unavailable, and when it is back, everything works again", async () => {
    const socket = await alice.connect(chat.id);
    await postgres.stopNow();
    await expectRefusals(socket);
    await postgres.start();
    await expectHealed(socket);
    socket.close();
  });

  test("the same when the network swallows everything, without a word", async () => {
    const socket = await alice.connect(chat.id);
    // The whole pool is connected, so that what is asked next goes into the hole and not to a new connection.
    await Promise.all(Array.from({ length: 30 }, () => alice.call("GET", "/chats")));
    proxy.become("hole");
    const inFlight = [send(socket, "refused"), alice.call("GET", "/chats")] as const;
    await expectRefusals(socket);
    const [frame, answer] = await Promise.all(inFlight);
    expect(frame).toMatchObject({ code: "unavailable" });
    expect(answer.status).toBe(503);
    proxy.become("pass");
    await expectHealed(socket);
    socket.close();
  });

  test("the same when something between hangs up", async () => {
    const socket = await alice.connect(chat.id);
    proxy.become("hang up");
    await expectRefusals(socket);
    proxy.become("pass");
    await expectHealed(socket);
    socket.close();
  });
});

describe("a server that is started before its database", () => {
  test("waits, says so, and serves when the database is there", async () => {
    await using postgres = await startPostgres();
    const address = postgres.createDatabase();
    await postgres.stopNow();
    const environment = await processEnvironment({
      database: "server",
      environment: { DATABASE_URL: address },
    });
    await using server = startProcess(environment);
    const url = `http://127.0.0.1:${environment["SERVER_PORT"]}`;
    await until(async () => (await status(url, "/livez")) === 200);
    expect(await status(url, "/readyz")).toBe(503);
    const answer = await call<ErrorBody>(url, "GET", "/chats");
    expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(answer.headers.get("retry-after")).toBe("1");
    await until(() => server.log.some((line) => line.msg === "waiting for the database"));
    await postgres.start();
    await server.listening;
    expect(await status(url, "/readyz")).toBe(200);
    await createPerson(url);
  });
});

describe("a database that no waiting mends", () => {
  let postgres: PostgresServer;
  let home: string;

  beforeAll(async () => {
    home = temporaryDirectory();
    postgres = await startPostgres(home);
    const rules = join(home, "data", "pg_hba.conf");
    const known = readFileSync(rules, "utf8");
    writeFileSync(rules, `host all guarded 127.0.0.1/32 scram-sha-256\n${known}`);
    const client = postgresClient(postgres.url, { max: 1 });
    await client`create role guarded login password 'the right one'`;
    await client`select pg_reload_conf()`;
    await client.end();
  });
  afterAll(() => postgres[Symbol.asyncDispose]());

  const cases: Record<string, [change: (url: URL) => void, line: RegExp]> = {
    "a wrong password": [
      (url) => Object.assign(url, { username: "guarded", password: "a-wrong-one" }),
      /^PostgreSQL refuses the password; check POSTGRES_USER and POSTGRES_PASSWORD, or DATABASE_URL$/,
    ],
    "an unknown user": [
      (url) => Object.assign(url, { username: "nobody-we-know" }),
      /^PostgreSQL refuses the user; check POSTGRES_USER, or DATABASE_URL$/,
    ],
    "an unknown database": [
      (url) => Object.assign(url, { pathname: "/nowhere" }),
      /^PostgreSQL has no such database; create it, or check POSTGRES_DB, or DATABASE_URL$/,
    ],
    "a user who may make no tables": [
      (url) => Object.assign(url, { username: "guarded", password: "the%20right%20one" }),
      /^The PostgreSQL user may not create tables; grant it the rights on the database$/,
    ],
  };

  test.each(Object.keys(cases))("%s ends the server with one line and the code 78", async (name) => {
    const [change, line] = cases[name]!;
    const address = new URL(postgres.createDatabase());
    change(address);
    const environment = { DATABASE_URL: address.href };
    await using server = startProcess(await processEnvironment({ database: "server", environment }));
    expect(await server.exited).toEqual({ code: 78, signal: null });
    expect(server.errors.trimEnd()).toMatch(line);
    expect(server.log.some((entry) => JSON.stringify(entry).includes("right one"))).toBe(false);
  });
});
