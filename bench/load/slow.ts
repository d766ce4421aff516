// The load of slow readers: small groups as ever, and beside them a loud group, some of whose readers stop reading.
import { startMeter } from "../cpu.ts";
import { establishedOn, residentKiB } from "../proc.ts";
import type { Sample } from "../rounds.ts";
import { arrive } from "./arrivals.ts";
import { openFleet, type Member } from "./fleet.ts";
import { createRecord } from "./record.ts";
import { comeBack, forAll } from "./return.ts";

export interface SlowLoad {
  url: string;
  /** Those who read. */
  members: readonly Member[];
  perSecond: number;
  /** The loud group: the first sends, the others listen. */
  loud: readonly Member[];
  loudPerSecond: number;
  loudText: string;
  /** Whether the listeners of the loud group stop reading when the measurement begins. */
  stalls: boolean;
  warmUpSeconds: number;
  seconds: number;
  parts: { server: number; database?: number };
}

const lookMs = 100;

export async function driveSlow(load: SlowLoad): Promise<Sample> {
  const { url, parts, stalls } = load;
  const port = Number(new URL(url).port);
  const record = createRecord();
  const loudRecord = createRecord();
  const needs = { url: () => url, subscribes: true };
  using fleet = await openFleet({ ...needs, members: load.members, record });
  using loud = await openFleet({
    ...{ ...needs, members: load.loud, record: loudRecord, texts: [load.loudText] },
    isSender: (place) => place === 0,
    onLost: (place, reason) => {
      if (reason !== "cut" && !stalls) loudRecord.fault(`connection ${place}: ${reason}`);
    },
  });
  const listeners = loud.followers.slice(1);
  const run = (seconds: number) =>
    arrive({ perSecond: load.perSecond, seconds }, (dueAt) => fleet.send(dueAt));

  await run(load.warmUpSeconds);
  record.start();
  const all = establishedOn(port);
  const before = residentKiB(parts.server);
  let most = before;
  let cutAfterMs = Number.NaN;
  const stop = startMeter(parts as { server: number; database: number });
  const startedAt = performance.now();
  if (stalls) for (const listener of listeners) listener.stall();
  const watch = setInterval(() => {
    most = Math.max(most, residentKiB(parts.server));
    const left = establishedOn(port);
    if (Number.isNaN(cutAfterMs) && left <= all - listeners.length)
      cutAfterMs = performance.now() - startedAt;
  }, lookMs);
  // The loud group begins now: the kernel's buffers of its readers have not grown yet, and are full soon.
  await Promise.all([
    run(load.seconds),
    arrive({ perSecond: load.loudPerSecond, seconds: load.seconds }, (dueAt) => loud.send(dueAt)),
  ]);
  clearInterval(watch);
  const { seconds, cpu, marks } = stop();
  record.stop();

  if (stalls) {
    for (const listener of listeners) listener.cut();
    await forAll([...listeners], listeners.length, (listener) => comeBack(listener));
  }
  await Promise.all([fleet.settle(30_000), loud.settle(30_000)]);
  return {
    metrics: {
      "delivery p50 ms": record.latency("delivery", 0.5),
      "delivery p99 ms": record.latency("delivery", 0.99),
      "deliveries/s": record.deliveries / seconds,
      "server's core": cpu.server / seconds,
      "generator's core": cpu.generator / seconds,
      "MiB more at most": (most - before) / 1024,
      ...(stalls ? { "all cut after s": cutAfterMs / 1000 } : {}),
    },
    marks,
    faults: [...record.faults, ...loudRecord.faults],
  };
}
