import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { ChatInfo, ErrorBody } from "@windi/protocol";
import postgres from "postgres";
import { startConversation } from "./conversation.ts";
import { call, createPerson, createTestDatabase, temporaryDirectory } from "./harness.ts";
import { processEnvironment, startProcess, type ServerProcess } from "./process.ts";
import { openRawSocket } from "./raw-socket.ts";
import { kinds } from "./stores.ts";
import { startTcpProxy } from "./tcp-proxy.ts";
import { until } from "./until.ts";

// Servers are started, killed and started again here, on a machine that may be busy.
setDefaultTimeout(90_000);

/** A little more than the server promises: the machine may be busy. */
const drainMs = 11_000;

/** Asks the server to end, and answers with how it did. */
async function end(server: ServerProcess, signal: NodeJS.Signals) {
  const startedAt = performance.now();
  server.kill(signal);
  const exited = await server.exited;
  expect(performance.now() - startedAt).toBeLessThan(drainMs);
  return exited;
}

/** Whether the process would not be killed by this signal; asked without giving it time to go on. */
function hears(pid: number, signal: number): boolean {
  const [, caught = "0"] = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return ((BigInt(`0x${caught}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

function isListening(port: number): boolean {
  const own = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`;
  return readFileSync("/proc/net/tcp", "utf8").includes(own);
}

describe.each(kinds)("a server on the %s database that is told to end", (kind) => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "by %s under load finishes what it took, sends everyone away to come back, and ends well",
    async (signal) => {
      const environment = await processEnvironment({ database: kind });
      await using server = startProcess(environment);
      const url = await server.listening;
      const conversation = await startConversation({ url: () => url, messages: 5000, seed: 1 });
      await conversation.reached(400);
      expect(await end(server, signal)).toEqual({ code: 0, signal: null });
      expect(server.errors).toBe("");
      for (const talker of conversation.talkers) {
        await until(() => talker.closes.length > 0);
        expect(talker.closes[0]).toBe(4012);
        expect(new Set(["draining", ...talker.refusals])).toEqual(new Set(["draining"]));
        talker.stop();
      }
      const acknowledged = conversation.ackCount;
      await using next = startProcess(environment);
      // What is stored was acknowledged, and nothing else is: no frame was half done.
      expect(await conversation.verify(await next.listening)).toHaveLength(acknowledged);
      expect(await end(next, signal)).toEqual({ code: 0, signal: null });
    },
  );
});

describe("a server that is told to end while a send waits for the database", () => {
  test("is not ready from then on, lets nobody in, and ends when the send is acknowledged", async () => {
    const address = createTestDatabase();
    const environment = { DATABASE_URL: address };
    await using server = startProcess(await processEnvironment({ database: "server", environment }));
    const url = await server.listening;
    const [alice, bob] = [await createPerson(url), await createPerson(url)];
    const { body: chat } = await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id });
    const [socket, other] = [await alice.connect(chat.id), await bob.connect(chat.id)];
    const send = (text: string) => ({ action: "send_message", chat_id: chat.id, text });

    const client = postgres(address, { max: 1 });
    const locked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const locking = client.begin(async (transaction) => {
      await transaction`select 1 from chats where id = ${chat.id} for update`;
      locked.resolve();
      await go.promise;
    });
    await locked.promise;
    const sending = socket.request(send("before the end"));
    const waiting =
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    const watcher = postgres(address, { max: 1 });
    await until(async () => (await watcher.unsafe(waiting)).length > 0);
    await watcher.end();
    server.kill("SIGTERM");
    await until(async () => (await call(url, "GET", "/readyz")).status === 503);
    expect((await call<ErrorBody>(url, "GET", "/readyz")).body.code).toBe("draining");
    expect((await call(url, "GET", "/livez")).status).toBe(200);
    expect((await other.closed).code).toBe(4012);
    expect(await socket.request(send("after the signal"))).toMatchObject({ code: "draining" });
    const refused = await openRawSocket(url, { target: `/ws?token=${bob.token}` });
    expect(refused.status).toBe(503);
    server.kill("SIGTERM");
    go.resolve();
    await locking;
    expect(await sending).toMatchObject({ event: "new_message", data: { text: "before the end", seq: 1 } });
    expect((await socket.closed).code).toBe(4012);
    expect(await server.exited).toEqual({ code: 0, signal: null });
    const stored = await client`select text from messages`;
    expect(stored.map((row) => row["text"] as string)).toEqual(["before the end"]);
    await client.end();
  });
});

describe("a server that is told to end with many connections", () => {
  test("sends them away one slice after the other; what is acknowledged is stored, and nothing else", async () => {
    const environment = await processEnvironment({ database: "server" });
    await using server = startProcess(environment);
    const url = await server.listening;
    const [alice, bob] = [await createPerson(url), await createPerson(url)];
    const { body: chat } = await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id });
    const sockets = await Promise.all(Array.from({ length: 200 }, () => alice.connect()));
    const closedAt: number[] = [];
    const codes = sockets.map(async (socket) => {
      const { code } = await socket.closed;
      closedAt.push(performance.now());
      return code;
    });
    const sends = sockets.map((socket, n) =>
      socket.request({ action: "send_message", chat_id: chat.id, text: `${n}` }).then(
        (answer) => answer,
        () => undefined,
      ),
    );
    await sends[0];
    await sockets[0]?.request({ action: "subscribe" });
    server.kill("SIGTERM");
    expect(new Set(await Promise.all(codes))).toEqual(new Set([4012]));
    expect(Math.max(...closedAt) - Math.min(...closedAt)).toBeGreaterThan(100);
    expect(await server.exited).toEqual({ code: 0, signal: null });

    expect(sockets[0]?.frames.at(-1)).toEqual({ event: "come_back", after_ms: expect.any(Number) });
    expect(sockets[1]?.frames.at(-1)?.event).not.toBe("come_back");

    const acknowledged = (await Promise.all(sends)).flatMap((answer) =>
      answer?.event === "new_message" ? [answer.data.text as string] : [],
    );
    expect(acknowledged.length).toBeGreaterThan(0);
    const client = postgres(environment["DATABASE_URL"] ?? "", { max: 1 });
    const stored = await client`select text from messages`;
    await client.end();
    expect(new Set(stored.map((row) => row["text"] as string))).toEqual(new Set(acknowledged));
  });

  test("ends well and in time, though one never reads, one's send hangs and the database with it", async () => {
    const address = new URL(createTestDatabase());
    await using proxy = await startTcpProxy(Number(address.port));
    address.host = `127.0.0.1:${proxy.port}`;
    const environment = { DATABASE_URL: address.href };
    await using server = startProcess(await processEnvironment({ database: "server", environment }));
    const url = await server.listening;
    const [alice, bob] = [await createPerson(url), await createPerson(url)];
    const { body: chat } = await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id });
    const stuck = await openRawSocket(url, { target: `/ws?token=${bob.token}` });
    stuck.pause();
    const socket = await alice.connect(chat.id);
    proxy.become("hole");
    socket.send({ action: "send_message", chat_id: chat.id, text: "into the hole" });
    const history = call(url, "GET", `/messages/history/${chat.id}`, { token: alice.token }).catch(() => {});
    expect(await end(server, "SIGTERM")).toEqual({ code: 0, signal: null });
    expect((await socket.closed).code).toBe(4012);
    stuck.destroy();
    await history;
  });
});

describe("a server that is told to end while it starts", () => {
  test("in its first moment, ends well", async () => {
    const environment = await processEnvironment();
    await using server = startProcess(environment);
    while (!hears(server.pid, constants.signals.SIGTERM)) expect(server.isRunning).toBe(true);
    expect(isListening(Number(environment["SERVER_PORT"]))).toBe(false);
    expect(await end(server, "SIGTERM")).toEqual({ code: 0, signal: null });
    expect(server.errors).toBe("");
  });

  test("on nothing, ends well, and the next one starts", async () => {
    const dataDir = join(temporaryDirectory(), "new");
    const environment: Record<string, string> = { ...(await processEnvironment()), DATA_DIR: dataDir };
    await using server = startProcess(environment);
    const url = `http://127.0.0.1:${environment["SERVER_PORT"]}`;
    await until(async () => (await call(url, "GET", "/livez")).status === 200);
    expect(existsSync(join(dataDir, "database.unfinished"))).toBe(true);
    expect(await end(server, "SIGTERM")).toEqual({ code: 0, signal: null });
    expect(server.errors).toBe("");
    await using next = startProcess(environment);
    await createPerson(await next.listening);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("and waits for its database, ends well by %s", async (signal) => {
    const environment = { DATABASE_URL: "postgres://postgres@127.0.0.1:1/nowhere" };
    await using server = startProcess(await processEnvironment({ database: "server", environment }));
    await until(() => server.log.some((line) => line.msg === "waiting for the database"));
    expect(await end(server, signal)).toEqual({ code: 0, signal: null });
    expect(server.errors).toBe("");
  });
});
