// Workload: delivery in small groups. 2,000 connections in 200 groups of 10; people come and go meanwhile.
import { startPostgresSource, type DatabaseSource } from "./databases.ts";
import { startFloor } from "./floors.ts";
import { driveDelivery, type DeliveryLoad } from "./load/delivery.ts";
import { membersOf, populate } from "./population.ts";
import { generatorCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Sample, type Variant } from "./rounds.ts";
import type { WorkloadOptions } from "./workloads.ts";

const size = { users: 2000, chats: 200, membersPerChat: 10 };
const rates = [100, 1000];
/** A fifth of all in a minute. */
const cutsPerSecond = (size.users * 0.2) / 60;

type Load = Pick<DeliveryLoad, "perSecond" | "seconds" | "warmUpSeconds" | "warmUpPerSecond">;

export async function* groups(options: WorkloadOptions): AsyncGenerator<Result> {
  await using source = await startPostgresSource(generatorCore);
  const { seconds } = options;
  const warmUpSeconds = seconds < 5 ? 2 : 10;
  const load = (perSecond: number) => ({ perSecond, seconds, warmUpSeconds, warmUpPerSecond: 1000 });
  const ours = (perSecond: number) => `WinDI Messenger, ${perSecond} messages/s`;
  const busiest = ours(1000);
  const variants: Variant[] = [
    ...rates.map((rate) => ({ name: ours(rate), run: () => measureServer(source, load(rate)) })),
    { name: "F-ws, 1000 messages/s", run: () => measureFloor(false, load(1000)) },
    { name: "N-ws, 1000 messages/s", run: () => measureFloor(true, load(1000)) },
  ];
  yield {
    title: "Delivery in small groups",
    conditions: [
      "2,000 connections, 200 groups of 10, all stored; texts of 200 bytes at a steady rate, latency from when a message was due; each delivery is checked",
      "in the messenger a fifth of the connections per minute is lost, comes back and catches up; none in the floors",
      "F-ws: bare Bun topics, the same bytes; N-ws: the same server, but serialised and sent once per recipient; neither stores anything",
      `${seconds} s per round after a warm-up of ${warmUpSeconds} s at 1000 messages/s; server on core 0; generator and PostgreSQL 15 (fsync and synchronous_commit on) on core 1`,
    ],
    rounds: await runRounds(variants, options),
    goals: [
      limit("delivery p50, 1000 messages/s", busiest, "delivery p50 ms", 15),
      limit("delivery p99, 1000 messages/s", busiest, "delivery p99 ms", 100),
      limit("server CPU per delivery, 1000 messages/s, µs", busiest, "server µs/delivery", 20),
    ],
    chart: { metric: "server µs/delivery", title: "Server CPU per delivery, µs" },
  };
}

const limit = (name: string, variant: string, figure: string, most: number) => ({
  name,
  limit: `≤ ${most}`,
  value: (round: Parameters<typeof metric>[0]) => metric(round, variant, figure),
  isMet: (value: number) => value <= most,
});

async function measureServer(source: DatabaseSource, load: Load): Promise<Sample> {
  await using fresh = await source.create();
  await using database = await fresh.open();
  const members = membersOf(await populate(database, size));
  await using server = await startServer(fresh.environment);
  const parts = { server: server.pid, database: source.pid ?? 0 };
  return await driveDelivery({
    ...load,
    url: () => server.url,
    members,
    cutsPerSecond,
    subscribes: true,
    parts,
  });
}

async function measureFloor(isNaive: boolean, load: Load): Promise<Sample> {
  await using floor = await startFloor(isNaive);
  const members = Array.from({ length: size.users }, (_, place) => ({
    token: "",
    chatIds: [`00000000-0000-4000-8000-${String(Math.floor(place / size.membersPerChat)).padStart(12, "0")}`],
  }));
  return await driveDelivery({
    ...{ ...load, url: () => floor.url, members, subscribes: false, parts: { server: floor.pid } },
  });
}
