// Servers, people and sockets for tests. A server runs in the test's own process, or as a process that can be killed.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { UserInfo } from "@windi/protocol";
import { startApp, type App } from "../server/src/app.ts";
import { createMemoryWire, type MemoryWire } from "../server/src/bus/bus-memory.ts";
import { readConfig } from "../server/src/config.ts";
import { openEmbeddedDatabase } from "../server/src/database/embedded.ts";
import type { NodeMessage } from "../server/src/realtime/node-message.ts";
import type { PresencePace } from "../server/src/presence/presence.ts";
import { createLog } from "../server/src/telemetry.ts";
import { openSocket, type TestSocket } from "./socket.ts";

export const root = fileURLToPath(new URL("..", import.meta.url));
const pageStandIn = join(root, "tests/page");

/** A directory that goes with the tests' run. */
export const temporaryDirectory = () =>
  mkdtempSync(join(process.env["TEST_DIRECTORY"] ?? tmpdir(), "windi-test-"));

/** Puts a migrated, empty embedded database into the data directory: to copy one takes a tenth of making one. */
export async function prepareEmbedded(dataDir: string): Promise<void> {
  const migrations = join(root, "server/src/database/migrations/meta/_journal.json");
  const key = Bun.hash((await Bun.file(migrations).text()) + Bun.version).toString(36);
  const template = join(tmpdir(), `windi-embedded-${key}-${process.getuid?.() ?? 0}`);
  if (!existsSync(template)) {
    const making = mkdtempSync(join(tmpdir(), "windi-embedded-making-"));
    const database = await openEmbeddedDatabase(join(making, "database"));
    await database.migrate();
    await database[Symbol.asyncDispose]();
    try {
      renameSync(making, template);
    } catch {
      // Another test was first.
      rmSync(making, { recursive: true, force: true });
    }
  }
  cpSync(template, dataDir, { recursive: true });
}

/** The address of a new database on the server that tests/run.ts started. */
export function createTestDatabase(): string {
  const server = process.env["TEST_POSTGRES_URL"];
  if (server === undefined) throw new Error("TEST_POSTGRES_URL is not set; run the tests with npm test");
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const result = spawnSync("psql", ["-qd", server, "-c", `create database ${name}`], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(result.stderr);
  return server.replace(/[^/]*$/, name);
}

export type DatabaseKind = "embedded" | "server";

export interface ServerOptions {
  database?: DatabaseKind;
  /** Beside a data directory of its own, a free port, no limits and silence. */
  environment?: Record<string, string>;
  /** What joins it to other servers in this process. */
  wire?: MemoryWire<NodeMessage>;
  /** How fast presence is, where that is not as people have it. */
  pace?: PresencePace;
  /** The build that is handed out; else a page that stands in for it. */
  webDirectory?: string;
}

/** The environment of a server under test. */
export async function testEnvironment({ database = "embedded", environment = {} }: ServerOptions = {}) {
  const dataDir = environment["DATA_DIR"] ?? temporaryDirectory();
  const isEmbedded = database === "embedded";
  if (isEmbedded && !existsSync(join(dataDir, "database"))) await prepareEmbedded(dataDir);
  return {
    SERVER_HOST: "127.0.0.1",
    SERVER_PORT: "0",
    DATA_DIR: dataDir,
    RATE_LIMITS: "off",
    // A machine that is busy with tests would turn people away.
    HANDSHAKES_PER_SECOND: "off",
    LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "silent",
    ...(isEmbedded ? {} : { DATABASE_URL: environment["DATABASE_URL"] ?? createTestDatabase() }),
    ...environment,
  };
}

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly app: App;
  readonly environment: Record<string, string>;
  /** A new person with an account. */
  person(name?: string): Promise<Person>;
}

/** A server in this process. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const environment = await testEnvironment(options);
  const config = readConfig(environment);
  const { wire, pace, webDirectory = pageStandIn } = options;
  const log = createLog(config.logLevel);
  const app = startApp({
    config,
    log,
    version: "test",
    webDirectory,
    ...(wire && { wire }),
    ...(pace && { pace }),
  });
  await app.ready;
  return {
    url: app.url,
    app,
    environment,
    person: (name) => createPerson(app.url, name),
    [Symbol.asyncDispose]: () => app.drain(),
  };
}

export interface TestNodes extends AsyncDisposable {
  readonly wire: MemoryWire<NodeMessage>;
  readonly servers: readonly [TestServer, TestServer];
}

/** Two servers in this process on one PostgreSQL database, with a wire between them that can be cut. */
export async function startNodes(
  environment: Record<string, string> = {},
  { pace }: Pick<ServerOptions, "pace"> = {},
): Promise<TestNodes> {
  const wire = createMemoryWire<NodeMessage>();
  const shared = {
    DATABASE_URL: createTestDatabase(),
    JWT_SECRET_KEY: crypto.randomUUID() + crypto.randomUUID(),
    ...environment,
  };
  const options = { database: "server" as const, environment: shared, wire, ...(pace && { pace }) };
  const one = await startServer(options);
  const other = await startServer(options);
  return {
    wire,
    servers: [one, other],
    [Symbol.asyncDispose]: async () => {
      await Promise.all([one, other].map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

export interface Answer<Body = unknown> {
  status: number;
  headers: Headers;
  body: Body;
}

/** Calls the API; a body is sent as JSON. */
export async function call<Body = unknown>(
  url: string,
  method: string,
  path: string,
  options: { token?: string | undefined; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer<Body>> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === "" ? undefined : JSON.parse(text)) as Body,
  };
}

export interface Person {
  user: UserInfo;
  password: string;
  token: string;
  call<Body = unknown>(method: string, path: string, body?: unknown): Promise<Answer<Body>>;
  /** Opens a WebSocket; joins these chats first. */
  connect(...chatIds: string[]): Promise<TestSocket>;
}

export async function createPerson(url: string, name = "Someone"): Promise<Person> {
  const email = `${crypto.randomUUID()}@example.org`;
  const password = "correct horse";
  const registered = await call<UserInfo>(url, "POST", "/auth/register", { body: { name, email, password } });
  if (registered.status !== 201) throw new Error(`Registering failed: ${JSON.stringify(registered.body)}`);
  return signIn(url, registered.body, password);
}

export async function signIn(url: string, user: UserInfo, password: string): Promise<Person> {
  const body = { email: user.email, password };
  const { access_token: token } = (await call<{ access_token: string }>(url, "POST", "/auth/login", { body }))
    .body;
  return {
    user,
    password,
    token,
    call: (method, path, content) => call(url, method, path, { token, body: content }),
    async connect(...chatIds) {
      const socket = await openSocket(url, token);
      for (const chat_id of chatIds) await socket.request({ action: "join_chat", chat_id });
      return socket;
    },
  };
}
