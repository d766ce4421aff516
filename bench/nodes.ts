// Workload: several nodes. The same small groups on one node and on several over NATS, all on one core: what a message costs in all.
import { startPostgresSource, type DatabaseSource } from "./databases.ts";
import { driveDelivery } from "./load/delivery.ts";
import { membersOf, populate } from "./population.ts";
import { generatorCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Round, type Sample } from "./rounds.ts";
import { startNats } from "../tests/nats.ts";
import type { WorkloadOptions } from "./workloads.ts";

const size = { users: 2000, chats: 200, membersPerChat: 10 };
const perSecond = 300;
const warmUpSeconds = 4;

interface Layout {
  nodes: number;
  /** Members of a group are on all nodes, or all on one. */
  isSpread: boolean;
}

export async function* nodes(options: WorkloadOptions): AsyncGenerator<Result> {
  await using source = await startPostgresSource(generatorCore);
  const variant = (name: string, layout: Layout) => ({
    name,
    run: () => measure(source, layout, options.seconds),
  });
  const [single, together, two, four] = [
    "WinDI Messenger, 1 node without NATS",
    "WinDI Messenger, 2 nodes, each group on one of them",
    "WinDI Messenger, 2 nodes, groups on both",
    "WinDI Messenger, 4 nodes, groups on all",
  ] as const;
  const cpu = "sender's node µs/message";
  const p99 = "delivery p99 ms";
  const ratio = (one: string) => (round: Round) => metric(round, one, cpu) / metric(round, single, cpu);
  yield {
    title: "Several nodes",
    conditions: [
      `2,000 connections, 200 groups of 10, ${perSecond} messages/s of 200 bytes, all stored; every delivery is checked`,
      "only the first node's users send; where each group is on one node, those of the first node send, and the other node hears nothing",
      `${options.seconds} s per round after a warm-up of ${warmUpSeconds} s; all nodes on core 0; generator, NATS and PostgreSQL 15 on core 1`,
    ],
    rounds: await runRounds(
      [
        variant(single, { nodes: 1, isSpread: false }),
        variant(together, { nodes: 2, isSpread: false }),
        variant(two, { nodes: 2, isSpread: true }),
        variant(four, { nodes: 4, isSpread: true }),
      ],
      options,
    ),
    goals: [
      {
        name: "CPU of the sender's node per message, each group on one of 2 nodes, against 1 node",
        limit: "≤ 1.15",
        value: ratio(together),
        isMet: (value) => value <= 1.15,
      },
      {
        name: "p99 with groups on both of 2 nodes, more than on 1 node, ms",
        limit: "≤ 5",
        value: (round) => metric(round, two, p99) - metric(round, single, p99),
        isMet: (value) => value <= 5,
      },
    ],
    chart: { metric: cpu, title: "CPU of the sender's node per message, µs" },
  };
}

async function measure(source: DatabaseSource, layout: Layout, seconds: number): Promise<Sample> {
  await using fresh = await source.create();
  await using database = await fresh.open();
  const members = membersOf(await populate(database, size));
  const isSingle = layout.nodes === 1;
  await using nats = await startNats({ isDown: isSingle });
  await using stack = new AsyncDisposableStack();
  const urls: string[] = [];
  const parts: Record<string, number> = { database: source.pid ?? 0 };
  if (nats.pid !== undefined) parts["NATS"] = nats.pid;
  for (let node = 0; node < layout.nodes; node++) {
    const environment = { ...fresh.environment, ...(isSingle ? {} : { NATS_URL: nats.url }) };
    const server = stack.use(await startServer(environment));
    urls.push(server.url);
    parts[`server ${node + 1}`] = server.pid;
  }
  const nodeOf = (place: number) => (layout.isSpread ? place : Math.floor(place / size.membersPerChat));
  const { metrics, marks, faults } = await driveDelivery({
    ...{ members, perSecond, warmUpSeconds, seconds, subscribes: true, mayOvertake: !isSingle, parts },
    isSender: (place) => nodeOf(place) % layout.nodes === 0,
    url: (place) => urls[nodeOf(place) % layout.nodes] ?? "",
  });
  const perMessage = (part: string) => (metrics[`${part} µs/delivery`] ?? 0) * size.membersPerChat;
  const others = Object.keys(parts).filter((part) => /^server [2-9]/.test(part));
  return {
    metrics: {
      "sender's node µs/message": perMessage("server 1"),
      ...(isSingle
        ? {}
        : { "other nodes µs/message": others.reduce((sum, part) => sum + perMessage(part), 0) }),
      "database µs/message": perMessage("database"),
      ...(isSingle ? {} : { "NATS µs/message": perMessage("NATS") }),
      ...Object.fromEntries(Object.entries(metrics).filter(([name]) => !name.includes("µs"))),
    },
    marks,
    faults,
  };
}
