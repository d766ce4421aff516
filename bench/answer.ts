// Workload: the time until a send is answered while there is little to do. 100 messages a second at random moments.
import { createEmbeddedSource, startPostgresSource, type DatabaseSource } from "./databases.ts";
import { measureSync } from "./conditions.ts";
import { driveDelivery } from "./load/delivery.ts";
import { membersOf, populate } from "./population.ts";
import { everyCore, startProgram, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Round, type Sample } from "./rounds.ts";
import type { InsertFloor } from "./floors/insert.ts";
import type { WorkloadOptions } from "./workloads.ts";

const size = { users: 100, chats: 100, membersPerChat: 1 };
const perSecond = 100;

export async function* answer(options: WorkloadOptions): AsyncGenerator<Result> {
  const { seconds } = options;
  const warmUpSeconds = seconds < 5 ? 2 : 10;
  for (const start of [() => startPostgresSource(everyCore), createEmbeddedSource]) {
    await using source = await start();
    const syncMs = measureSync();
    const variants = [
      { name: "WinDI Messenger", run: () => measureServer(source, { seconds, warmUpSeconds }) },
      { name: "N-db", run: () => measureFloor(source, { seconds, warmUpSeconds }) },
    ];
    const figure = (variant: string, name: string) => (round: Round) => metric(round, variant, name);
    const p50Limit = syncMs + 2;
    const p99Limit = Math.max(10, 5 * syncMs);
    yield {
      title: `Time to an answer, ${source.kind}`,
      conditions: [
        `${perSecond} messages/s of 200 bytes at random moments in 100 chats; from when a message was due until it is committed and answered`,
        `N-db: one bare INSERT and COMMIT per message at the same moments; an fdatasync of 8 KiB takes ${syncMs.toPrecision(2)} ms here`,
        `${seconds} s per round after a warm-up of ${warmUpSeconds} s at ten times the rate; server on core 0, generator on core 1${source.kind === "PostgreSQL" ? ", PostgreSQL on both" : ""}`,
      ],
      rounds: await runRounds(variants, options),
      goals: [
        {
          name: "p50, ms",
          limit: `≤ ${p50Limit.toPrecision(2)} (fdatasync + 2)`,
          value: figure("WinDI Messenger", "answer p50 ms"),
          isMet: (value) => value <= p50Limit,
        },
        {
          name: "p99, ms",
          limit: `≤ ${p99Limit.toPrecision(2)}`,
          value: figure("WinDI Messenger", "answer p99 ms"),
          isMet: (value) => value <= p99Limit,
        },
        {
          name: "p50 more than N-db, ms",
          limit: "≤ 0.5",
          value: (round) =>
            metric(round, "WinDI Messenger", "answer p50 ms") - metric(round, "N-db", "answer p50 ms"),
          isMet: (value) => value <= 0.5,
        },
      ],
      chart: { metric: "answer p50 ms", title: "ms until an answer, p50" },
    };
  }
}

interface Length {
  seconds: number;
  warmUpSeconds: number;
}

async function measureServer(source: DatabaseSource, length: Length): Promise<Sample> {
  await using fresh = await source.create();
  const members = await populateFresh(fresh);
  await using server = await startServer(fresh.environment);
  const parts = { server: server.pid, ...(source.pid === undefined ? {} : { database: source.pid }) };
  const load = { perSecond, isPoisson: true, ...length, subscribes: true, parts };
  const { metrics, marks, faults } = await driveDelivery({
    ...{ ...load, warmUpPerSecond: 10 * perSecond, url: () => server.url, members },
  });
  return { metrics: only(metrics), marks, faults };
}

async function populateFresh(fresh: Awaited<ReturnType<DatabaseSource["create"]>>) {
  await using database = await fresh.open();
  return membersOf(await populate(database, size));
}

const only = (metrics: Sample["metrics"]) =>
  Object.fromEntries(Object.entries(metrics).filter(([name]) => name.startsWith("answer")));

async function measureFloor(source: DatabaseSource, length: Length): Promise<Sample> {
  await using fresh = await source.create();
  await populateFresh(fresh);
  const options = { perSecond, rowsPerStatement: 1, connections: 10, ...length };
  await using program = startProgram("bench/floors/insert.ts", {
    ...fresh.environment,
    OPTIONS: JSON.stringify({ ...options, databasePid: source.pid }),
  });
  const { p50Ms = 0, p99Ms = 0, marks } = JSON.parse(await program.output) as InsertFloor;
  return { metrics: { "answer p50 ms": p50Ms, "answer p99 ms": p99Ms }, marks, faults: [] };
}
