// Workload: idle connections. What one more of them costs in memory and processor time, each user being in 50 chats.
import { startPostgresSource, type DatabaseSource } from "./databases.ts";
import { startMeter } from "./cpu.ts";
import { startFloor } from "./floors.ts";
import { createCrowd } from "./load/crowd.ts";
import { membersOf, populate } from "./population.ts";
import { residentKiB } from "./proc.ts";
import { generatorCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Sample } from "./rounds.ts";
import type { WorkloadOptions } from "./workloads.ts";

const steps = { short: [500, 1500, 3000], whole: [1000, 5000, 10_000] };
const chatsPerUser = 50;
/** After so long what opening needed is collected. */
const settleMs = 3000;

export async function* idle(options: WorkloadOptions): AsyncGenerator<Result> {
  await using source = await startPostgresSource(generatorCore);
  const counts = options.seconds < 5 ? steps.short : steps.whole;
  const most = counts.at(-1) ?? 0;
  const ours = "WinDI Messenger";
  const variants = [
    { name: ours, run: () => measureServer(source, counts, options.seconds) },
    { name: "F-ws", run: () => measureFloor(counts, options.seconds, 0) },
    { name: "F-ws, 50 topics each", run: () => measureFloor(counts, options.seconds, chatsPerUser) },
  ];
  const size = "KiB/connection";
  yield {
    title: "Idle connections",
    conditions: [
      `${counts.join(", ")} connections of as many users; ${most} users in all, each in ${chatsPerUser} of ${most / 10} chats; in the messenger each is subscribed`,
      "memory is resident memory of the server's process; per connection: the slope of a straight line through the steps",
      `before the first, ${counts[0]} have come and left already`,
      `CPU while idle over ${options.seconds} s, pings included; server on core 0, generator and PostgreSQL on core 1`,
    ],
    rounds: await runRounds(variants, options),
    goals: [
      {
        name: "KiB per connection more than F-ws",
        limit: "≤ 3",
        value: (round) => metric(round, ours, size) - metric(round, "F-ws", size),
        isMet: (value) => value <= 3,
      },
      {
        name: "KiB per connection",
        limit: "≤ 8",
        value: (round) => metric(round, ours, size),
        isMet: (value) => value <= 8,
      },
      {
        name: "how straight the line is, R²",
        limit: "> 0.99",
        value: (round) => metric(round, ours, "R²"),
        isMet: (value) => value > 0.99,
      },
      {
        name: "idle CPU, µs per connection and second",
        limit: "≤ 2.5",
        value: (round) => metric(round, ours, "idle µs/s/connection"),
        isMet: (value) => value <= 2.5,
      },
      {
        name: "memory after all have left against before",
        limit: "≤ 1.1",
        value: (round) =>
          metric(round, ours, "MiB after all left") / metric(round, ours, "MiB before the first"),
        isMet: (value) => value <= 1.1,
      },
    ],
    chart: { metric: size, title: "KiB per connection" },
  };
}

async function measureServer(
  source: DatabaseSource,
  counts: readonly number[],
  seconds: number,
): Promise<Sample> {
  await using fresh = await source.create();
  await using database = await fresh.open();
  const users = counts.at(-1) ?? 0;
  // Everyone in 50 chats: a tenth as many chats as users, with 500 members each.
  const population = await populate(database, { users, chats: users / 10, membersPerChat: 500 });
  await using server = await startServer(fresh.environment);
  return await measure({
    ...{ url: server.url, pid: server.pid, counts, seconds },
    tokens: membersOf(population).map((member) => member.token),
    greetings: () => [{ action: "subscribe" }],
  });
}

async function measureFloor(counts: readonly number[], seconds: number, topics: number): Promise<Sample> {
  await using floor = await startFloor();
  const chats = (counts.at(-1) ?? 0) / 10;
  const chatOf = (place: number, topic: number) => `chat ${(place * topics + topic) % chats}`;
  return await measure({
    ...{ url: floor.url, pid: floor.pid, counts, seconds },
    tokens: [],
    greetings: (place) =>
      Array.from({ length: topics }, (_, topic) => ({ action: "join_chat", chat_id: chatOf(place, topic) })),
  });
}

interface IdleLoad {
  url: string;
  pid: number;
  tokens: readonly string[];
  greetings(place: number): readonly object[];
  counts: readonly number[];
  seconds: number;
}

async function measure({ url, pid, tokens, greetings, counts, seconds }: IdleLoad): Promise<Sample> {
  const faults: string[] = [];
  const needs = { url, tokens, greetings, fault: (text: string) => void faults.push(text) };
  // A process that has served nobody yet has compiled nothing yet.
  using visitors = createCrowd(needs);
  await visitors.growTo(counts[0] ?? 0);
  visitors.leave();
  using crowd = createCrowd(needs);
  await Bun.sleep(settleMs);
  const before = residentKiB(pid);
  const points: [count: number, kib: number][] = [];
  for (const count of counts) {
    await crowd.growTo(count);
    await Bun.sleep(settleMs);
    points.push([count, residentKiB(pid)]);
  }
  const stop = startMeter({ server: pid }, { maxGeneratorShare: Infinity });
  await Bun.sleep(seconds * 1000);
  const usage = stop();
  crowd.leave();
  await Bun.sleep(settleMs);
  const { slope, straightness } = fitLine(points);
  const most = counts.at(-1) ?? 0;
  return {
    metrics: {
      "MiB before the first": before / 1024,
      ...Object.fromEntries(points.map(([count, kib]) => [`MiB at ${count}`, kib / 1024])),
      "KiB/connection": slope,
      "R²": straightness,
      "idle µs/s/connection": (usage.cpu.server / usage.seconds / most) * 1e6,
      "MiB after all left": residentKiB(pid) / 1024,
    },
    marks: usage.marks,
    faults: faults.slice(0, 5),
  };
}

function fitLine(points: readonly (readonly [number, number])[]): { slope: number; straightness: number } {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([value]) => value)), mean(points.map(([, value]) => value))];
  const sum = (term: (dx: number, dy: number) => number) =>
    points.reduce((total, [px, py]) => total + term(px - x, py - y), 0);
  const [xx, xy, yy] = [sum((dx) => dx * dx), sum((dx, dy) => dx * dy), sum((_, dy) => dy * dy)];
  return { slope: xy / xx, straightness: (xy * xy) / (xx * yy) };
}
