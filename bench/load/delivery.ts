// The load of delivery: an open one into many chats; every message is followed to everyone who hears it.
import { startMeter } from "../cpu.ts";
import type { Sample } from "../rounds.ts";
import { arrive } from "./arrivals.ts";
import { openFleet, type Fleet, type Member } from "./fleet.ts";
import { createRecord } from "./record.ts";
import { comeBack } from "./return.ts";

export interface DeliveryLoad {
  /** Where the member of this place connects. */
  url(place: number): string;
  members: readonly Member[];
  perSecond: number;
  isPoisson?: boolean;
  warmUpSeconds: number;
  /** Meanwhile, if it is another rate: a process that has done little so far is still compiling. */
  warmUpPerSecond?: number;
  seconds: number;
  /** Connections that are lost and come back, beside the load. */
  cutsPerSecond?: number;
  /** How long those are away; without it they come back as a good client does. */
  awayMs?: number;
  subscribes: boolean;
  isSender?(place: number): boolean;
  /** Several nodes tell of one chat. */
  mayOvertake?: boolean;
  /** Roots of the process trees to measure, by name. */
  parts: Readonly<{ [part: string]: number }>;
  /** Called when the measurement begins and when everything of it is heard; answers with figures per message. */
  count?(): Promise<Metrics>;
}

type Metrics = Sample["metrics"];

export async function driveDelivery(load: DeliveryLoad): Promise<Sample> {
  const { perSecond, isPoisson = false, cutsPerSecond = 0, parts } = load;
  const record = createRecord();
  using fleet = await openFleet({
    ...{ members: load.members, subscribes: load.subscribes, record, url: load.url },
    ...(load.mayOvertake !== undefined && { mayOvertake: load.mayOvertake }),
    ...(load.isSender && { isSender: load.isSender }),
    // Those that are cut below come back; the others must not be lost.
    onLost: (place, reason) => void (reason === "cut" || record.fault(`connection ${place}: ${reason}`)),
  });
  const returns: Promise<void>[] = [];
  const run = (seconds: number, messagesPerSecond = perSecond) =>
    Promise.all([
      arrive({ perSecond: messagesPerSecond, isPoisson, seconds }, (dueAt) => fleet.send(dueAt)),
      cutsPerSecond > 0 &&
        arrive({ perSecond: cutsPerSecond, seconds }, () => returns.push(cutOne(fleet, load.awayMs))),
    ]);
  await run(load.warmUpSeconds, load.warmUpPerSecond);
  await load.count?.();
  record.start();
  const stop = startMeter(parts);
  await run(load.seconds);
  const { seconds, cpu, marks } = stop();
  record.stop();
  await Promise.all(returns);
  await fleet.settle(30_000);
  const counts = Object.entries((await load.count?.()) ?? {});
  const { deliveries } = record;
  const perDelivery = (value: number) => (value / deliveries) * 1e6;
  return {
    metrics: {
      "deliveries/s": deliveries / seconds,
      ...Object.fromEntries(
        Object.keys(parts).map((part) => [`${part} µs/delivery`, perDelivery(cpu[part] ?? 0)]),
      ),
      "answer p50 ms": record.latency("answer", 0.5),
      "answer p99 ms": record.latency("answer", 0.99),
      "delivery p50 ms": record.latency("delivery", 0.5),
      "delivery p99 ms": record.latency("delivery", 0.99),
      "last delivery p99 ms": record.latency("last delivery", 0.99),
      "generator µs/delivery": perDelivery(cpu["generator"] ?? 0),
      "generator's core": (cpu["generator"] ?? 0) / seconds,
      ...Object.fromEntries(counts.map(([name, count]) => [`${name}/message`, count / record.messages])),
    },
    marks,
    faults: record.faults,
  };
}

async function cutOne({ followers }: Fleet, awayMs: number | undefined): Promise<void> {
  const follower = followers[Math.floor(Math.random() * followers.length)];
  if (!follower?.isOpen) return;
  follower.cut();
  await comeBack(follower, awayMs);
}
