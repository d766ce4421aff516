// Workload: delivery in one large group. All of 10,000 members online, and 100 of them against a group of 100.
import { startPostgresSource, type DatabaseSource } from "./databases.ts";
import { startFloor } from "./floors.ts";
import { driveDelivery, type DeliveryLoad } from "./load/delivery.ts";
import { membersOf, populate } from "./population.ts";
import { generatorCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Round, type Sample, type Variant } from "./rounds.ts";
import type { WorkloadOptions } from "./workloads.ts";

const sizes = { short: 3000, whole: 10_000 };
const few = 100;
const manyRate = 5;
const fewRate = 50;
const senders = 50;

type Load = Pick<DeliveryLoad, "perSecond" | "seconds" | "warmUpSeconds">;

export async function* largeGroup(options: WorkloadOptions): AsyncGenerator<Result> {
  await using source = await startPostgresSource(generatorCore, true);
  const many = options.seconds < 5 ? sizes.short : sizes.whole;
  const load = (perSecond: number) => ({ perSecond, seconds: options.seconds, warmUpSeconds: 3 });
  const all = `WinDI Messenger, ${many} of ${many} online`;
  const some = `WinDI Messenger, 100 of ${many} online`;
  const small = "WinDI Messenger, 100 of 100 online";
  const bare = `F-ws, ${many} online`;
  const naive = `N-ws, ${many} online`;
  const variants: Variant[] = [
    { name: all, run: () => measureServer(source, { size: many, online: many }, load(manyRate)) },
    { name: bare, run: () => measureFloor(false, many, load(manyRate)) },
    { name: naive, run: () => measureFloor(true, many, load(manyRate)) },
    { name: some, run: () => measureServer(source, { size: many, online: few }, load(fewRate)) },
    { name: small, run: () => measureServer(source, { size: few, online: few }, load(fewRate)) },
  ];
  const ratio = (figure: string, one: string, other: string) => (round: Round) =>
    metric(round, one, figure) / metric(round, other, figure);
  const cpu = "server µs/delivery";
  yield {
    title: "Delivery in a large group",
    conditions: [
      `one group, texts of 200 bytes at a steady rate: ${manyRate} messages/s with ${many} online, ${fewRate} with ${few}; latency from when a message was due`,
      "F-ws: bare Bun topics, the same bytes; N-ws: the same server, but serialised and sent once per recipient; neither stores anything",
      "statements and changes: what PostgreSQL counted, changes being records of its write-ahead log",
      `${options.seconds} s per round after a warm-up of 3 s; server on core 0; generator and PostgreSQL 15 (fsync and synchronous_commit on) on core 1`,
    ],
    rounds: await runRounds(variants, options),
    goals: [
      {
        name: "server CPU per delivery against F-ws",
        limit: "≤ 1.3",
        value: ratio(cpu, all, bare),
        isMet: (value) => value <= 1.3,
      },
      {
        name: "server CPU per delivery against N-ws",
        limit: "≤ 0.5",
        value: ratio(cpu, all, naive),
        isMet: (value) => value <= 0.5,
      },
      {
        name: `last delivery p99 with ${many} online, ms`,
        limit: "≤ 250",
        value: (round) => metric(round, all, "last delivery p99 ms"),
        isMet: (value) => value <= 250,
      },
      {
        name: `changes per message, ${many} members against 100`,
        limit: "≤ 1.1",
        value: ratio("changes/message", some, small),
        isMet: (value) => value <= 1.1,
      },
      {
        name: `server CPU, 100 online, ${many} members against 100`,
        limit: "≤ 1.1",
        value: ratio(cpu, some, small),
        isMet: (value) => value <= 1.1,
      },
    ],
    chart: { metric: cpu, title: "server CPU per delivery, µs" },
  };
}

async function measureServer(
  source: DatabaseSource,
  { size, online }: { size: number; online: number },
  load: Load,
): Promise<Sample> {
  await using fresh = await source.create();
  await using database = await fresh.open();
  const population = await populate(database, { users: size, chats: 1, membersPerChat: size });
  await using server = await startServer(fresh.environment);
  return await driveDelivery({
    ...{ ...load, url: () => server.url, members: membersOf(population).slice(0, online), subscribes: true },
    isSender: (place) => place < senders,
    parts: { server: server.pid, database: source.pid ?? 0 },
    async count() {
      const { count, changes } = await fresh.takeStatements();
      return { statements: count, changes };
    },
  });
}

async function measureFloor(isNaive: boolean, many: number, load: Load): Promise<Sample> {
  await using floor = await startFloor(isNaive);
  const chatIds = ["00000000-0000-4000-8000-000000000000"];
  const members = Array.from({ length: many }, () => ({ token: "", chatIds }));
  const parts = { server: floor.pid };
  const isSender = (place: number) => place < senders;
  return await driveDelivery({ ...load, url: () => floor.url, members, subscribes: false, isSender, parts });
}
