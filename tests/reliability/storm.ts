// A storm: everyone is cut off at once, comes back, and one goes on writing all the time.
import type { GroupInfo } from "@windi/protocol";
import { createClient, type Client } from "@windi/sdk";
import postgres from "postgres";
import { createPerson, createTestDatabase } from "../harness.ts";
import { readMetrics } from "../metrics-page.ts";
import { processEnvironment, startProcess } from "../process.ts";
import { startTcpProxy } from "../tcp-proxy.ts";
import { until } from "../until.ts";
import { createCrowd } from "./crowd.ts";

interface StormOptions {
  sockets: number;
  rounds: number;
  databaseUrl?: string;
  tell?(line: string): void;
}

export interface StormOutcome {
  /** Seconds from each cut until all were back. */
  seconds: number[];
  /** Of each round. */
  statementsPerReconnect: number[];
  /** Greatest number of the server's connections to the database, but for those that watch it. */
  databaseConnections: number;
  sent: number;
  /** What became of sends that were not stored. */
  refused: string[];
  /** Clients that do not know the end of the chat when all is over. */
  behind: number;
}

const poolSize = 10;
const metricsToken = "a-token-for-the-storm";
const sendEveryMs = 50;

export async function runStorm(options: StormOptions): Promise<StormOutcome> {
  const { sockets, rounds, databaseUrl = createTestDatabase(), tell = () => {} } = options;
  const secret = crypto.randomUUID() + crypto.randomUUID();
  const environment = await processEnvironment({
    database: "server",
    environment: {
      DATABASE_URL: databaseUrl,
      DATABASE_POOL_SIZE: String(poolSize),
      JWT_SECRET_KEY: secret,
      METRICS_TOKEN: metricsToken,
    },
  });
  await using server = startProcess(environment);
  const direct = await server.listening;
  await using network = await startTcpProxy(Number(new URL(direct).port));
  const url = `http://127.0.0.1:${network.port}`;
  const observer = postgres(databaseUrl, { max: 1, connection: { application_name: "observer" } });

  const writer = await createPerson(direct, "Writer");
  const { id: chatId } = (await writer.call<GroupInfo>("POST", "/groups", { title: "Storm" })).body;
  const crowd = await createCrowd({ databaseUrl, secret, count: sockets, chatId });
  const clients = [writer, ...crowd].map(({ token }) => createClient({ url, token: () => token }));
  const [pen] = clients as [Client, ...Client[]];
  for (const client of clients) client.connect();
  const isBack = (client: Client) => client.connection.get().phase === "subscribed";
  await until(() => clients.every(isBack), 60_000);
  for (const client of clients.slice(1)) client.chatLog(chatId).subscribe(() => {});

  let databaseConnections = 0;
  async function countConnections(): Promise<void> {
    const [row] = await observer<{ count: number }[]>`
      select count(*)::int from pg_stat_activity where datname = current_database() and application_name = 'windi'`;
    databaseConnections = Math.max(databaseConnections, row?.count ?? 0);
  }
  /** All but those that store what is sent meanwhile. */
  async function countStatements(): Promise<number> {
    const page = await readMetrics(direct, metricsToken);
    const count = (labels?: Record<string, string>) =>
      page.sum("windi_database_statement_seconds_count", labels) ?? 0;
    return count() - count({ statement: "append" });
  }

  let sent = 0;
  const sending = setInterval(() => {
    pen.outbox.send(chatId, `message ${++sent}`);
    void countConnections().catch(() => {});
  }, sendEveryMs);
  const seconds: number[] = [];
  const statementsPerReconnect: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const before = await countStatements();
    const cutAt = performance.now();
    network.become("hang up");
    await until(() => !clients.some(isBack));
    network.become("pass");
    await until(() => clients.every(isBack), 60_000);
    seconds.push((performance.now() - cutAt) / 1000);
    statementsPerReconnect.push(((await countStatements()) - before) / clients.length);
    tell(`storm ${round}: all back after ${seconds.at(-1)?.toFixed(1)} s`);
  }
  clearInterval(sending);
  await until(() => pen.outbox.get().entries.every(({ state }) => state === "refused"), 60_000);
  const refused = pen.outbox
    .get()
    .entries.map((entry) => ("error" in entry ? entry.error.code : entry.state));
  const logs = clients.slice(1).map((client) => client.chatLog(chatId));
  for (const log of logs) await log.loadEnd();
  const behind = () => logs.filter((log) => log.get().endSeq !== sent || !log.get().isAtEnd).length;
  await until(() => behind() === 0, 30_000).catch(() => {});
  const outcome = { seconds, statementsPerReconnect, databaseConnections, sent, refused, behind: behind() };
  for (const client of clients) client.close();
  await observer.end();
  return outcome;
}
