// Workload: durable sends. 200 senders in 1,000 chats of 10, nobody else online; each send is answered after its commit.
import { createEmbeddedSource, startPostgresSource, type DatabaseSource } from "./databases.ts";
import { populate } from "./population.ts";
import { everyCore, startProgram, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Sample, type Variant } from "./rounds.ts";
import { driveSends } from "./load/sends.ts";
import type { InsertFloor } from "./floors/insert.ts";
import type { WorkloadOptions } from "./workloads.ts";

const size = { users: 200, chats: 1000, membersPerChat: 10 };
const inFlight = 128;
/** Of the floor. Four are the fastest on two cores. */
const connectionCounts = { PostgreSQL: [1, 2, 3, 4], embedded: [1] };
const shortConnectionCounts = { PostgreSQL: [4], embedded: [1] };
/** WebAssembly takes thousands of messages to be compiled to its best. */
const warmUpSeconds = { PostgreSQL: 2, embedded: 10 };

export async function* sends(options: WorkloadOptions): AsyncGenerator<Result> {
  const { seconds } = options;
  for (const start of [() => startPostgresSource(everyCore), createEmbeddedSource]) {
    await using source = await start();
    const counts = (seconds < 5 ? shortConnectionCounts : connectionCounts)[source.kind];
    const floors = counts.map((count) => `F-db, ${count} connection(s)`);
    const variants: Variant[] = [
      { name: "WinDI Messenger", run: () => measureServer(source, seconds) },
      ...counts.map((connections, place) => ({
        name: floors[place] ?? "",
        run: () => measureFloor(source, { rowsPerStatement: 100, connections, seconds: seconds / 2 }),
      })),
      {
        name: "N-db",
        run: () => measureFloor(source, { rowsPerStatement: 1, connections: 10, seconds: seconds / 2 }),
      },
    ];
    const best = (round: Parameters<typeof metric>[0]) =>
      Math.max(...floors.map((name) => metric(round, name, "messages/s")));
    const ours = (round: Parameters<typeof metric>[0]) => metric(round, "WinDI Messenger", "messages/s");
    yield {
      title: `Sends, ${source.kind}`,
      conditions: [
        `200 senders, 1,000 chats of 10 members, nobody else online; texts of 200 bytes with idempotency keys; ${inFlight} in flight; answered after the commit`,
        `F-db: a bare INSERT of 100 rows by unnest into the same table, same driver; N-db: one INSERT and COMMIT per message${source.kind === "PostgreSQL" ? ", pool of 10" : ""}`,
        `${seconds} s per round after a warm-up of ${warmUpSeconds[source.kind]} s (floors: half of both), every round in a fresh database; server on core 0, generator on core 1${source.kind === "PostgreSQL" ? ", PostgreSQL 15 on both, fsync and synchronous_commit on" : ""}`,
      ],
      rounds: await runRounds(variants, options),
      goals: [
        {
          name: "rows/s against the best F-db",
          limit: "≥ 0.5",
          value: (round) => ours(round) / best(round),
          isMet: (value) => value >= 0.5,
        },
        {
          name: "rows/s against N-db",
          limit: "≥ 8",
          value: (round) => ours(round) / metric(round, "N-db", "messages/s"),
          isMet: (value) => value >= 8,
        },
      ],
      chart: { metric: "messages/s", title: "Messages per second" },
    };
  }
}

async function measureServer(source: DatabaseSource, seconds: number): Promise<Sample> {
  await using fresh = await source.create();
  const population = await withDatabase(fresh, (database) => populate(database, size));
  let measured: Awaited<ReturnType<typeof driveSends>>;
  {
    await using server = await startServer(fresh.environment);
    const parts = { server: server.pid, ...(source.pid === undefined ? {} : { database: source.pid }) };
    const warmUp = warmUpSeconds[source.kind];
    measured = await driveSends({
      url: server.url,
      population,
      inFlight,
      warmUpSeconds: warmUp,
      seconds,
      parts,
    });
  }
  const stored = await withDatabase(fresh, (database) =>
    database.query<{ chat_id: string; count: number; last_seq: number }>(
      `select c.id as chat_id, c.last_seq, (select count(*)::int from messages m where m.chat_id = c.id) as count
       from chats c`,
    ),
  );
  const wrong = stored.filter(
    (chat) => chat.count !== chat.last_seq || chat.count !== (measured.acknowledged.get(chat.chat_id) ?? 0),
  );
  const faults = [...measured.faults];
  if (wrong.length > 0) faults.push(`in ${wrong.length} chats what is stored is not what was acknowledged`);
  return { metrics: measured.metrics, marks: measured.marks, faults };
}

async function measureFloor(
  source: DatabaseSource,
  options: { rowsPerStatement: number; connections: number; seconds: number },
): Promise<Sample> {
  await using fresh = await source.create();
  await withDatabase(fresh, (database) => populate(database, size));
  await using program = startProgram("bench/floors/insert.ts", {
    ...fresh.environment,
    OPTIONS: JSON.stringify({
      ...options,
      warmUpSeconds: warmUpSeconds[source.kind] / 2,
      databasePid: source.pid,
    }),
  });
  const { rows, seconds, cpu, marks } = JSON.parse(await program.output) as InsertFloor;
  return {
    metrics: {
      "messages/s": rows / seconds,
      "server µs/message": (cpu.generator / rows) * 1e6,
      ...(cpu.database === undefined ? {} : { "database µs/message": (cpu.database / rows) * 1e6 }),
    },
    marks,
    faults: [],
  };
}

async function withDatabase<T>(
  fresh: Awaited<ReturnType<DatabaseSource["create"]>>,
  work: (database: Awaited<ReturnType<typeof fresh.open>>) => Promise<T>,
): Promise<T> {
  await using database = await fresh.open();
  return await work(database);
}
