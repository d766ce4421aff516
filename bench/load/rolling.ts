// The load of a rolling restart: two nodes behind what knows which of them is ready; each is drained and started again.
import { quantile, type Sample } from "../rounds.ts";
import { arrive } from "./arrivals.ts";
import { openFleet, type Member } from "./fleet.ts";
import { createRecord } from "./record.ts";
import { comeBack } from "./return.ts";

export interface RollingNode {
  readonly url: string;
  /** Ends in good order; resolves when the process is gone. */
  stop(): Promise<void>;
  /** Resolves when it is ready. */
  start(): Promise<void>;
}

export interface RollingLoad {
  nodes: readonly [RollingNode, RollingNode];
  members: readonly Member[];
  perSecond: number;
  warmUpSeconds: number;
  /** How long both run together between the two restarts, and after. */
  restSeconds: number;
}

const resolutionMs = 100;

export async function driveRolling({ nodes, members, ...load }: RollingLoad): Promise<Sample> {
  const record = createRecord();
  const isReady = nodes.map(() => true);
  const gaps: number[] = [];
  const drains: number[] = [];
  const returnedAt: number[] = [];
  const returns: Promise<void>[] = [];
  let isOver = false;

  using fleet = await openFleet({
    ...{ members, record, subscribes: true, mayOvertake: true },
    url(place) {
      const own = place % nodes.length;
      return nodes[isReady[own] ? own : 1 - own]?.url ?? "";
    },
    onLost: (place) => void (isOver || returns.push(returnOf(place))),
  });

  async function returnOf(place: number): Promise<void> {
    const lostAt = performance.now();
    const follower = fleet.followers[place];
    if (!follower) return;
    await comeBack(follower);
    gaps.push(performance.now() - lostAt);
    returnedAt.push(performance.now());
  }

  async function restartBoth(): Promise<void> {
    await Bun.sleep(load.warmUpSeconds * 1000);
    record.start();
    for (const [place, node] of nodes.entries()) {
      const startedAt = performance.now();
      isReady[place] = false;
      await node.stop();
      drains.push(performance.now() - startedAt);
      await node.start();
      isReady[place] = true;
      await Bun.sleep(load.restSeconds * 1000);
    }
    record.stop();
  }

  const restarts = restartBoth().finally(() => (isOver = true));
  while (!isOver) await arrive({ perSecond: load.perSecond, seconds: 1 }, (dueAt) => fleet.send(dueAt));
  await restarts;
  await Promise.all(returns);
  await fleet.settle(30_000);
  const slots = Map.groupBy(returnedAt, (at) => Math.floor(at / resolutionMs));
  const busiest = Math.max(0, ...[...slots.values()].map((slot) => slot.length));
  return {
    metrics: {
      "delivery p50 ms": record.latency("delivery", 0.5),
      "delivery p99 ms": record.latency("delivery", 0.99),
      "the last delivery ms": record.latency("delivery", 1),
      "answer p99 ms": record.latency("answer", 0.99),
      "without a connection p50 ms": quantile(gaps, 0.5),
      "without a connection, longest ms": Math.max(0, ...gaps),
      "connections lost": gaps.length,
      "returns/s in the busiest 100 ms": (busiest / resolutionMs) * 1000,
      "drain s": Math.max(...drains) / 1000,
    },
    marks: [],
    faults: record.faults,
  };
}
