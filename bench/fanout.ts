// Workload: fan-out. One group of 500 sockets that all hear it; the server's processor time per delivery.
import { startPostgresSource, type DatabaseSource } from "./databases.ts";
import { startFloor } from "./floors.ts";
import { driveFanout } from "./load/fanout.ts";
import { populate } from "./population.ts";
import { generatorCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Sample, type Variant } from "./rounds.ts";
import type { WorkloadOptions } from "./workloads.ts";

const sockets = 500;
const inFlightCounts = [32, 1];

export async function* fanout(options: WorkloadOptions): AsyncGenerator<Result> {
  const { seconds } = options;
  await using source = await startPostgresSource(generatorCore);
  const ours = (inFlight: number) => `WinDI Messenger, ${inFlight} in flight`;
  const bare = (inFlight: number) => `bare Bun publish, ${inFlight} in flight`;
  const variants = inFlightCounts.flatMap((inFlight): Variant[] => [
    { name: ours(inFlight), run: () => measureServer(source, inFlight, seconds) },
    { name: bare(inFlight), run: () => measureBare(inFlight, seconds) },
  ]);
  yield {
    title: `Fan-out to ${sockets} sockets`,
    conditions: [
      `one group, ${sockets} members with one socket each, all joined; texts of 200 bytes; each sender sends the next when its own message has come back`,
      "bare Bun publish: no tokens, no rules, no database, the same bytes to the same clients",
      `${seconds} s per round after a warm-up of 3 s with 32 in flight, every round a fresh process; server on core 0; generator and PostgreSQL 15 (fsync and synchronous_commit on) on core 1`,
    ],
    rounds: await runRounds(variants, options),
    goals: inFlightCounts.map((inFlight) => ({
      name: `server CPU per delivery against bare publish, ${inFlight} in flight`,
      limit: "≤ 1.3",
      value: (round) =>
        metric(round, ours(inFlight), "server µs/delivery") /
        metric(round, bare(inFlight), "server µs/delivery"),
      isMet: (value) => value <= 1.3,
    })),
    chart: { metric: "server µs/delivery", title: "Server CPU per delivery, µs" },
  };
}

async function measureServer(source: DatabaseSource, inFlight: number, seconds: number): Promise<Sample> {
  await using fresh = await source.create();
  await using database = await fresh.open();
  const { users, chats } = await populate(database, { users: sockets, chats: 1, membersPerChat: sockets });
  await using server = await startServer(fresh.environment);
  const chatId = chats[0]?.id ?? "";
  const parts = { server: server.pid, database: source.pid ?? 0 };
  return await driveFanout({
    url: server.url,
    tokens: users.map((user) => user.token),
    chatId,
    inFlight,
    seconds,
    parts,
  });
}

async function measureBare(inFlight: number, seconds: number): Promise<Sample> {
  await using floor = await startFloor();
  const tokens = Array.from({ length: sockets }, () => "");
  const chatId = crypto.randomUUID();
  const parts = { server: floor.pid };
  return await driveFanout({ url: floor.url, tokens, chatId, inFlight, seconds, parts });
}
