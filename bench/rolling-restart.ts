// Workload: a rolling restart. Two nodes over NATS; under load the one is drained and started again, then the other.
import { startPostgresSource, type DatabaseSource } from "./databases.ts";
import { driveRolling, type RollingNode } from "./load/rolling.ts";
import { membersOf, populate } from "./population.ts";
import { generatorCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Round, type Sample } from "./rounds.ts";
import { startNats } from "../tests/nats.ts";
import { freePort } from "../tests/postgres.ts";
import type { WorkloadOptions } from "./workloads.ts";

const size = { users: 2000, chats: 200, membersPerChat: 10 };
const perSecond = 200;
const ours = "WinDI Messenger";

export async function* rollingRestart(options: WorkloadOptions): AsyncGenerator<Result> {
  await using source = await startPostgresSource(generatorCore);
  const figure = (name: string) => (round: Round) => metric(round, ours, name);
  yield {
    title: "Rolling restart",
    conditions: [
      `2,000 connections on two nodes, 200 groups of 10, ${perSecond} messages/s of 200 bytes to stored chats; senders repeat what had no answer, with the same key`,
      "one node gets SIGTERM and is started again when it is gone, then the other; clients reach the node that is ready, and take at most 1000 handshakes per second there",
      "figures are of all that was sent from the first SIGTERM until both are back; each message is followed to everyone, and nothing may be lost or doubled",
      "both nodes on core 0; generator, NATS and PostgreSQL 15 (fsync and synchronous_commit on) on core 1",
    ],
    rounds: await runRounds([{ name: ours, run: () => measure(source, options.seconds) }], options),
    goals: [
      {
        name: "delivery p99, ms",
        limit: "≤ 1000",
        value: figure("delivery p99 ms"),
        isMet: (value) => value <= 1000,
      },
      {
        name: "longest time without a connection, ms",
        limit: "≤ 3000",
        value: figure("without a connection, longest ms"),
        isMet: (value) => value <= 3000,
      },
      {
        name: "time of an orderly end, s",
        limit: "≤ 10",
        value: figure("drain s"),
        isMet: (value) => value <= 10,
      },
    ],
    chart: { metric: "delivery p99 ms", title: "p99 while both are restarted, ms" },
  };
}

async function measure(source: DatabaseSource, seconds: number): Promise<Sample> {
  await using fresh = await source.create();
  await using database = await fresh.open();
  const members = membersOf(await populate(database, size));
  await using nats = await startNats();
  const environment = { ...fresh.environment, NATS_URL: nats.url, HANDSHAKES_PER_SECOND: "1000" };
  await using one = await startNode(environment);
  await using other = await startNode(environment);
  return await driveRolling({
    ...{ nodes: [one, other], members, perSecond, warmUpSeconds: 2, restSeconds: Math.min(seconds, 5) },
  });
}

async function startNode(environment: Record<string, string>): Promise<RollingNode & AsyncDisposable> {
  const port = await freePort();
  const start = () => startServer({ ...environment, SERVER_PORT: String(port) });
  let server = await start();
  return {
    url: server.url,
    stop: async () => {
      await server[Symbol.asyncDispose]();
    },
    async start() {
      server = await start();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
