// Workload: flaky networks. 2,000 people in one group; each loses the connection every 15 s and is away for 2 s.
import { startPostgresSource, type DatabaseSource } from "./databases.ts";
import { driveDelivery } from "./load/delivery.ts";
import { membersOf, populate } from "./population.ts";
import { generatorCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Sample } from "./rounds.ts";
import type { WorkloadOptions } from "./workloads.ts";

const members = 2000;
const perSecond = 2;
const awayMs = 2000;
const cutsPerSecond = members / 15;
const ours = "WinDI Messenger";

export async function* flakyNetworks(options: WorkloadOptions): AsyncGenerator<Result> {
  await using source = await startPostgresSource(generatorCore, true);
  const seconds = Math.max(10, options.seconds);
  yield {
    title: "Flaky networks",
    conditions: [
      `one group of ${members}, ${perSecond} messages/s of 200 bytes; ${Math.round(cutsPerSecond)} connections a second are lost and come back after 2 s`,
      "every message is followed to everyone, over the connection or by catching up: none may be missing, doubled or out of order; latency from when it was due, so that it has the 2 s in it",
      `${seconds} s per round after a warm-up of 2 s; server on core 0; generator and PostgreSQL 15 (fsync and synchronous_commit on) on core 1`,
    ],
    rounds: await runRounds([{ name: ours, run: () => measure(source, seconds) }], options),
    goals: [
      {
        name: "delivery p99, ms, with the 2 s away",
        limit: "≤ 4000",
        value: (round) => metric(round, ours, "delivery p99 ms"),
        isMet: (value) => value <= 4000,
      },
    ],
    chart: { metric: "delivery p99 ms", title: "p99 with 2 s away, ms" },
  };
}

async function measure(source: DatabaseSource, seconds: number): Promise<Sample> {
  await using fresh = await source.create();
  await using database = await fresh.open();
  const population = await populate(database, { users: members, chats: 1, membersPerChat: members });
  await using server = await startServer(fresh.environment);
  return await driveDelivery({
    ...{ url: () => server.url, members: membersOf(population), subscribes: true },
    ...{ perSecond, cutsPerSecond, awayMs, warmUpSeconds: 2, seconds },
    parts: { server: server.pid, database: source.pid ?? 0 },
    async count() {
      const { count } = await fresh.takeStatements();
      return { statements: count };
    },
  });
}
