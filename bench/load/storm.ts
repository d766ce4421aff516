// The load of a storm: everybody loses their connection at once, and comes back as a good client does.
import { startMeter } from "../cpu.ts";
import { quantile, type Sample } from "../rounds.ts";
import { openFleet, type Member } from "./fleet.ts";
import { startProbe } from "./probe.ts";
import { createRecord } from "./record.ts";
import { comeBack } from "./return.ts";

export interface StormLoad {
  url: string;
  members: readonly Member[];
  subscribes: boolean;
  /** Cuts everybody off in its own way, and resolves when the server takes connections; else the clients close. */
  interrupt?(): Promise<void>;
  /** Others, who send all the time and are not cut off. */
  senders?: readonly Member[];
  /** Messages that each of the members' chats gets meanwhile, from elsewhere. */
  missed: number;
  /** Processes to measure, asked when the server takes connections again. */
  parts(): { server: number; database?: number };
  countStatements?(): Promise<number>;
}

const patienceMs = 60_000;
/** Of quiet sending, to compare with. */
const calmMs = 3000;

export async function driveStorm(load: StormLoad): Promise<Sample> {
  const { members, missed } = load;
  const record = createRecord();
  const returns: Promise<void>[] = [];
  const times: number[] = [];
  let openedAt = 0;
  let isOver = false;

  using fleet = await openFleet({
    ...{ members, record, url: () => load.url, subscribes: load.subscribes },
    onLost(place, reason) {
      if (isOver) return;
      if (reason !== "cut" && !load.interrupt) record.fault(`connection ${place}: ${reason}`);
      returns.push(returnOf(place));
    },
  });

  async function returnOf(place: number): Promise<void> {
    const follower = fleet.followers[place];
    if (!follower) return;
    await comeBack(follower);
    times.push(performance.now() - openedAt);
  }

  await using probe =
    load.senders && (await startProbe({ url: load.url, members: load.senders }, record.fault));
  if (probe) await Bun.sleep(calmMs);
  const calmP99 = await probe?.takeP99();
  const before = fleet.followers.map(({ seqs }) => new Map(seqs));
  await load.countStatements?.();
  openedAt = performance.now();
  if (load.interrupt) await load.interrupt();
  else for (const follower of fleet.followers) follower.cut();
  if (load.interrupt) openedAt = performance.now();
  await load.countStatements?.();
  const stop = startMeter(load.parts() as { server: number; database: number }, {
    maxGeneratorShare: Infinity,
  });
  const deadline = performance.now() + patienceMs;
  while (times.length < members.length && performance.now() < deadline) await Bun.sleep(10);
  const stormP99 = await probe?.takeP99();
  const { cpu, marks } = stop();
  const statements = await load.countStatements?.();
  if (times.length < members.length) record.fault(`${members.length - times.length} are not back`);
  for (const [place, { seqs }] of fleet.followers.entries())
    for (const [chatId, seq] of before[place] ?? [])
      if (seqs.get(chatId) !== seq + missed)
        record.fault(`${chatId}: ${seqs.get(chatId)} of ${seq + missed}`);
  isOver = true;
  return {
    metrics: {
      "back p50 s": quantile(times, 0.5) / 1000,
      "back p95 s": quantile(times, 0.95) / 1000,
      "back, the last s": Math.max(...times) / 1000,
      "server ms/return": (cpu.server / members.length) * 1000,
      ...(Number.isFinite(cpu.database)
        ? { "database ms/return": (cpu.database / members.length) * 1000 }
        : {}),
      "generator ms/return": (cpu.generator / members.length) * 1000,
      ...(calmP99 !== undefined && stormP99 !== undefined
        ? { "answer p99 ms before": calmP99, "answer p99 ms in the storm": stormP99 }
        : {}),
      ...(statements === undefined ? {} : { "statements/return": statements / members.length }),
    },
    marks,
    faults: record.faults,
  };
}
