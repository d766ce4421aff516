// Two nodes as processes of their own, on one PostgreSQL and one NATS, and networks before and between them that can fail.
import { testEnvironment } from "../tests/harness.ts";
import { startNats, type NatsServer } from "../tests/nats.ts";
import { freePort, startPostgres, type PostgresServer } from "../tests/postgres.ts";
import { startProcess, type ServerProcess } from "../tests/process.ts";
import { startTcpProxy, type TcpProxy } from "../tests/tcp-proxy.ts";

/** A server that has several lives. */
export interface Node {
  /** Where clients find it, through a network that can fail. */
  readonly url: string;
  /** Past that network. */
  readonly direct: string;
  readonly clients: TcpProxy;
  /** Between this node and NATS. */
  readonly bus: TcpProxy;
  readonly process: ServerProcess;
  readonly isUp: boolean;
  /** Resolves when it serves. */
  start(): Promise<void>;
  /** Ends it with this signal, and waits for its end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export interface World extends AsyncDisposable {
  readonly nodes: readonly [Node, Node];
  readonly postgres: PostgresServer;
  readonly nats: NatsServer;
  readonly databaseUrl: string;
}

export const metricsToken = "a-token-for-chaos";

interface Shared {
  databaseUrl: string;
  natsPort: number;
  secret: string;
}

async function createNode({ databaseUrl, natsPort, secret }: Shared): Promise<Node & AsyncDisposable> {
  const port = await freePort();
  const [clients, bus] = [await startTcpProxy(port), await startTcpProxy(natsPort)];
  const environment = await testEnvironment({
    database: "server",
    environment: {
      SERVER_PORT: String(port),
      LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "info",
      DATABASE_URL: databaseUrl,
      NATS_URL: `nats://127.0.0.1:${bus.port}`,
      JWT_SECRET_KEY: secret,
      AUDIT_SECONDS: "5",
      METRICS_TOKEN: metricsToken,
    },
  });
  let life = startProcess(environment);
  await life.listening;

  return {
    url: `http://127.0.0.1:${clients.port}`,
    direct: `http://127.0.0.1:${port}`,
    clients,
    bus,
    get process() {
      return life;
    },
    get isUp() {
      return life.isRunning;
    },
    async start() {
      if (!life.isRunning) life = startProcess(environment);
      await life.listening;
    },
    async end(signal) {
      life.kill(signal);
      await life.exited;
    },
    async [Symbol.asyncDispose]() {
      await life[Symbol.asyncDispose]();
      await Promise.all([clients, bus].map((proxy) => proxy[Symbol.asyncDispose]()));
    },
  };
}

export async function startWorld(): Promise<World> {
  const parts = new AsyncDisposableStack();
  const postgres = parts.use(await startPostgres());
  const nats = parts.use(await startNats());
  const databaseUrl = postgres.createDatabase();
  const secret = crypto.randomUUID() + crypto.randomUUID();
  const shared = { databaseUrl, natsPort: nats.port, secret };
  const nodes = [parts.use(await createNode(shared)), parts.use(await createNode(shared))] as const;
  return {
    ...{ nodes, postgres, nats, databaseUrl },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
