// Workload: slow readers. 2,000 connections in small groups, and 20 in a loud one that stop reading.
import { startPostgresSource, type DatabaseSource } from "./databases.ts";
import { driveSlow } from "./load/slow.ts";
import { membersOf, populate } from "./population.ts";
import { generatorCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Sample } from "./rounds.ts";
import type { WorkloadOptions } from "./workloads.ts";

const groupSize = 21;
/** The first group is the loud one. */
const size = { users: groupSize * 96, chats: 96, membersPerChat: groupSize };
const perSecond = 300;
/** 8 kB in a message: the kernel takes some 4 MB for a reader before anything waits in the server. */
const loud = { loudPerSecond: 150, loudText: "ы".repeat(4000) };
const warmUpSeconds = 3;
const limitKiB = 256;

export async function* slowReaders(options: WorkloadOptions): AsyncGenerator<Result> {
  await using source = await startPostgresSource(generatorCore);
  const seconds = Math.max(6, options.seconds);
  const [slow, healthy] = ["WinDI Messenger, 20 stop reading", "WinDI Messenger, all read"];
  const more = "MiB more at most";
  yield {
    title: "Slow readers",
    conditions: [
      `95 groups of ${groupSize}, ${perSecond} messages/s of 200 bytes among them, all online: figures are theirs`,
      `beside them a group of ${groupSize} that gets ${loud.loudPerSecond} messages/s of 8 kB; in the one variant its 20 readers stop reading when the measurement begins, and come back after it; what they missed is checked`,
      "the kernel takes up to 4 MB for each reader (tcp_wmem) before anything waits in the server; cut: the server has ended their connections, as the kernel's table shows",
      `${seconds} s per round after a warm-up of ${warmUpSeconds} s; server on core 0; generator and PostgreSQL 15 (fsync and synchronous_commit on) on core 1`,
    ],
    rounds: await runRounds(
      [
        { name: slow, run: () => measure(source, true, seconds) },
        { name: healthy, run: () => measure(source, false, seconds) },
      ],
      options,
    ),
    goals: [
      {
        name: "p99 of the others against a run without slow readers",
        limit: "≤ 1.1",
        value: (round) => metric(round, slow, "delivery p99 ms") / metric(round, healthy, "delivery p99 ms"),
        isMet: (value) => value <= 1.1,
      },
      {
        name: "memory more than without them, MiB",
        limit: `≤ ${((20 * limitKiB * 1.1) / 1024).toFixed(1)} (20 × ${limitKiB} KiB + 10 %)`,
        value: (round) => metric(round, slow, more) - metric(round, healthy, more),
        isMet: (value) => value <= (20 * limitKiB * 1.1) / 1024,
      },
      {
        name: "all slow readers are cut after, s",
        limit: "≤ 5",
        value: (round) => metric(round, slow, "all cut after s"),
        isMet: (value) => value <= 5,
      },
    ],
    chart: { metric: "delivery p99 ms", title: "p99 of those who read, ms" },
  };
}

async function measure(source: DatabaseSource, stalls: boolean, seconds: number): Promise<Sample> {
  await using fresh = await source.create();
  await using database = await fresh.open();
  const members = membersOf(await populate(database, size));
  await using server = await startServer(fresh.environment);
  return await driveSlow({
    ...{ url: server.url, perSecond, ...loud, stalls, warmUpSeconds, seconds },
    members: members.slice(groupSize),
    loud: members.slice(0, groupSize),
    parts: { server: server.pid, database: source.pid ?? 0 },
  });
}
