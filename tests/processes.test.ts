import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatInfo } from "@windi/protocol";
import { startConversation } from "./conversation.ts";
import { call, createPerson, root } from "./harness.ts";
import { freePort } from "./postgres.ts";
import { processEnvironment, startProcess, type ServerProcess } from "./process.ts";
import { until } from "./until.ts";

// Several servers are started and ended here, on a machine that may be busy.
setDefaultTimeout(120_000);

const natsUrl = process.env["TEST_NATS_URL"] ?? "";
let environment: Record<string, string>;
let server: ServerProcess;
let url: string;

const said = (msg: string) => server.log.filter((line) => line.msg === msg).length;
const children = (pid = server.pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

async function start() {
  environment = await processEnvironment({
    database: "server",
    environment: { PROCESSES: "2", NATS_URL: natsUrl },
  });
  server = startProcess(environment);
  url = await server.listening;
  await until(() => said("all processes serve") === 1);
}

describe("several processes", () => {
  beforeEach(start);
  afterEach(() => server[Symbol.asyncDispose]());

  test("share one port, one key, and what people say; they end together, and well", async () => {
    expect(children()).toHaveLength(2);
    const [alice, bob] = [await createPerson(url), await createPerson(url)];
    const { body: chat } = await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id });
    const sockets = await Promise.all(Array.from({ length: 16 }, () => bob.connect(chat.id)));
    await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/auth/me`, { keepalive: false })));
    const answering = new Set(server.log.flatMap((line) => (line.msg === "request" ? [line.process] : [])));
    expect(answering).toEqual(new Set([0, 1]));

    const sender = await alice.connect();
    await sender.request({ action: "send_message", chat_id: chat.id, text: "to all" });
    for (const socket of sockets)
      expect(await socket.next((frame) => frame.event === "new_message")).toMatchObject({
        data: { text: "to all" },
      });
    server.kill("SIGTERM");
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.errors).toBe("");
    for (const { closed } of sockets) expect((await closed).code).toBe(4012);
  });

  test("one that is killed is followed by another, while the others serve", async () => {
    const [first = 0, second = 0] = children();
    process.kill(first, "SIGKILL");
    await until(() => said("process ended") === 1);
    await createPerson(url);
    await until(() => said("listening") === 3);
    expect(children()).toHaveLength(2);
    expect(children()).toContain(second);
    server.kill("SIGINT");
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  test("take each other's places on SIGHUP, and people who talk lose nothing", async () => {
    const before = children();
    // Longer than it takes to start two processes.
    const messages = 4000;
    const conversation = await startConversation({ url: () => url, messages, seed: 7, window: 16 });
    await conversation.reached(100);
    server.kill("SIGHUP");
    await until(() => said("renewed") === 1, 60_000);
    const after = children();
    expect(after).toHaveLength(2);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    await conversation.done;
    expect(await conversation.verify(url, "several")).toHaveLength(2 * messages);
    const closes = conversation.talkers.flatMap((talker) => talker.closes);
    expect(closes).toContain(4012);
    // A talker that is done closes by itself.
    expect(closes.filter((code) => code !== 4012 && code !== 1005)).toEqual([]);
  });

  test("whose supervisor is killed send everyone away and end", async () => {
    const SERVER_PORT = String(await freePort());
    // Without the flag by which the others here are killed together.
    const supervisor = Bun.spawn([process.execPath, join(root, "server/src/main.ts")], {
      env: { ...environment, SERVER_PORT, LOG_LEVEL: "silent" },
      stdio: ["ignore", "inherit", "inherit"],
    });
    try {
      const address = `http://127.0.0.1:${SERVER_PORT}`;
      await until(async () => (await call(address, "GET", "/readyz")).status === 200);
      await until(() => children(supervisor.pid).length === 2);
      const pids = children(supervisor.pid);
      const socket = await (await createPerson(address)).connect();
      supervisor.kill("SIGKILL");
      expect((await socket.closed).code).toBe(4012);
      await until(() => !pids.some(isAlive));
    } finally {
      supervisor.kill("SIGKILL");
    }
  });

  test("keep a second supervisor off their port", async () => {
    const second = startProcess(environment);
    expect((await second.exited).code).toBe(78);
    expect(second.log).toEqual([]);
    expect(second.errors).toBe("The port is in use by another program; stop it, or set SERVER_PORT\n");
    expect((await call(url, "GET", "/readyz")).status).toBe(200);
  });
});

test.each([
  ["NATS_URL", { DATABASE_URL: "postgres://localhost/windi" }],
  ["DATABASE_URL", { NATS_URL: natsUrl }],
  ["DATABASE_URL and NATS_URL", {}],
])("without %s there are not several processes: one line, exit code 78", async (missing, settings) => {
  const { exited, errors } = await ended({ PROCESSES: "2", ...settings });
  expect(exited.code).toBe(78);
  expect(errors).toBe(
    `Several processes need PostgreSQL and NATS, which join them: set ${missing}, or PROCESSES=1\n`,
  );
});

test("when the database refuses them, one line says why, and all end with 78", async () => {
  const DATABASE_URL = (await processEnvironment({ database: "server" }))["DATABASE_URL"] ?? "";
  const { exited, errors } = await ended({
    ...{ PROCESSES: "3", NATS_URL: natsUrl, SERVER_HOST: "127.0.0.1", SERVER_PORT: "0", LOG_LEVEL: "silent" },
    DATABASE_URL: DATABASE_URL.replace(/[^/]*$/, "nowhere"),
  });
  expect(exited).toEqual({ code: 78, signal: null });
  expect(errors).toStartWith("PostgreSQL has no such database");
  expect(errors.trim().split("\n")).toHaveLength(1);
});

async function ended(settings: Record<string, string>) {
  await using own = startProcess(settings);
  return { exited: await own.exited, errors: own.errors };
}
