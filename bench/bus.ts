// Workload: the bus between nodes. What one chat message costs the sender, NATS and each node that hears it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeAnswer, NodeOptions, NodeOrder } from "./bus-node.ts";
import type { Spread } from "./bus-chats.ts";
import type { Strategy } from "./bus-variants.ts";
import { startMeter } from "./cpu.ts";
import { root, serverCore } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, quantile, runRounds, type Sample } from "./rounds.ts";
import type { WorkloadOptions } from "./workloads.ts";
import { startNats } from "../tests/nats.ts";

/** Chats in all; with groups of ten that lie anywhere, nearly every node follows nearly all of them. */
const chatCount = { short: 20_000, whole: 100_000 };
const rate = 5000;
const churnRate = 10_000;

interface Setting {
  strategy: Strategy;
  nodes: number;
  spread: Spread;
  isChurning?: boolean;
}

const settings: Setting[] = [
  { strategy: "bare client", nodes: 2, spread: "spread" },
  { strategy: "subject per chat", nodes: 2, spread: "spread" },
  { strategy: "subject per chat", nodes: 3, spread: "spread" },
  { strategy: "subject per chat", nodes: 4, spread: "spread" },
  { strategy: "subject per chat", nodes: 4, spread: "spread", isChurning: true },
  { strategy: "256 shards", nodes: 4, spread: "spread" },
  { strategy: "subject per chat", nodes: 4, spread: "one node" },
  { strategy: "256 shards", nodes: 4, spread: "one node" },
];

const nameOf = ({ strategy, nodes, spread, isChurning = false }: Setting) =>
  `${strategy}, ${nodes} nodes, groups ${spread === "spread" ? "spread" : "on one node"}${isChurning ? ", churn" : ""}`;

export async function* bus(options: WorkloadOptions): AsyncGenerator<Result> {
  const chats = options.seconds < 5 ? chatCount.short : chatCount.whole;
  const variants = settings.map((setting) => ({
    name: nameOf(setting),
    run: () => measure({ ...setting, chats }, options.seconds),
  }));
  const [floor, two, , four, churning, , local] = settings.map(nameOf) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const all = "all µs/message";
  yield {
    title: "Bus",
    conditions: [
      `one node publishes ${rate} messages/s of groups of ten, of ${chats} chats in all; 200 bytes of text, the frame of a new message`,
      "spread: each member on a node by chance; on one node: all members there, with its sender",
      `churn: ${churnRate} chats are left and followed again in each second, by all nodes together`,
      "bare client: the same bytes over the NATS client alone, on one subject, unread",
      "nodes on core 0; NATS and the generator on core 1",
    ],
    rounds: await runRounds(variants, options),
    chart: { metric: all, title: "CPU of all parts per message, µs" },
    goals: [
      {
        name: "what NATS takes in and gives out per message, against nodes with a member, groups spread",
        limit: "≤ 1",
        value: (round) => metric(round, four, "NATS messages/node with a member"),
        isMet: (value) => value <= 1,
      },
      {
        name: "the same, groups on one node",
        limit: "≤ 1",
        value: (round) => metric(round, local, "NATS messages/node with a member"),
        isMet: (value) => value <= 1,
      },
      {
        name: "CPU of nodes and NATS per message, two nodes, against the bare client",
        limit: "≤ 2",
        value: (round) => metric(round, two, all) / metric(round, floor, all),
        isMet: (value) => value <= 2,
      },
      {
        name: "CPU of NATS per message, with churn against without",
        limit: "≤ 1.1",
        value: (round) => metric(round, churning, "NATS µs/message") / metric(round, four, "NATS µs/message"),
        isMet: (value) => value <= 1.1,
      },
      {
        name: "round trip p50, two nodes, against the bare client",
        limit: "≤ 3",
        value: (round) => metric(round, two, "round trip p50 ms") / metric(round, floor, "round trip p50 ms"),
        isMet: (value) => value <= 3,
      },
    ],
  };
}

async function measure(setting: Setting & { chats: number }, seconds: number): Promise<Sample> {
  await using nats = await startNats();
  const pid = nats.pid ?? 0;
  const { isChurning = false, ...shape } = setting;
  await using started = new AsyncDisposableStack();
  const nodes: Node[] = [];
  for (let place = 0; place < setting.nodes; place++) {
    nodes.push(started.use(await startNode({ url: nats.url, place, ...shape })));
  }
  const [sender, ...receivers] = nodes as [Node, ...Node[]];
  const isBare = setting.strategy === "bare client";
  const natsBefore = residentBytes(pid);
  const followed = [];
  for (const node of nodes) followed.push(await node.order({ do: "follow" }));
  const follows = sum(followed.map((node) => node.followed));
  const natsBytes = residentBytes(pid) - natsBefore;
  if (isChurning) for (const node of nodes) await node.order({ do: "churn", rate: churnRate / nodes.length });

  await sender.order({ do: "publish", seconds: 1, rate });
  const count = () => Promise.all(receivers.map((node) => node.order({ do: "count" })));
  const before = await sender.order({ do: "count" });
  const arrivedBefore = sum((await count()).map((node) => node.arrived));
  const parts = Object.fromEntries([
    ["nats", pid],
    ...nodes.map((node, place) => [`node ${place}`, node.pid]),
  ]) as Record<string, number>;
  const stop = startMeter(parts);
  const after = await sender.order({ do: "publish", seconds, rate });
  const { cpu, marks, seconds: wall } = stop();
  let heard = await count();
  const isMissing = () => findFaults(heard, after).length > 0;
  for (let waited = 0; !isBare && isMissing() && waited < 20_000; waited += 50) {
    await Bun.sleep(50);
    heard = await count();
  }

  const published = after.published - before.published;
  const deliveries = sum(heard.map((node) => node.arrived)) - arrivedBefore;
  const due = sum(after.due.map(Number)) - sum(before.due.map(Number));
  const µs = (part: string) => ((cpu[part] ?? 0) / published) * 1e6;
  const receiving = sum(receivers.map((_, place) => µs(`node ${place + 1}`)));
  return {
    metrics: {
      "messages/s": published / wall,
      "deliveries/message": deliveries / published,
      ...(isBare ? {} : { "NATS messages/node with a member": (published + deliveries) / (published + due) }),
      "sender µs/message": µs("node 0"),
      "NATS µs/message": µs("nats"),
      "receivers µs/message": receiving,
      "all µs/message": µs("node 0") + µs("nats") + receiving,
      "round trip p50 ms": quantile(after.roundTripMs, 0.5),
      "round trip p99 ms": quantile(after.roundTripMs, 0.99),
      ...(isBare
        ? {}
        : {
            "node bytes/chat": sum(followed.map((node) => node.followBytes)) / follows,
            "NATS bytes/chat": natsBytes / follows,
            "follow µs/chat": (sum(followed.map((node) => node.followMs)) / follows) * 1000,
          }),
    },
    marks,
    faults: isBare ? [] : findFaults(heard, after),
  };
}

function findFaults(heard: readonly NodeAnswer[], sent: NodeAnswer): string[] {
  return heard.flatMap((node, place) => {
    const due = sent.due[place + 1] ?? 0;
    return [
      ...(node.heard === due ? [] : [`node ${place + 1} heard ${node.heard} of ${due} messages`]),
      ...(node.disorder === 0 ? [] : [`node ${place + 1} heard ${node.disorder} out of order`]),
    ];
  });
}

interface Node extends AsyncDisposable {
  pid: number;
  order(order: NodeOrder): Promise<NodeAnswer>;
}

async function startNode(options: NodeOptions): Promise<Node> {
  let answered = Promise.withResolvers<NodeAnswer>();
  const child = Bun.spawn(["taskset", "-c", serverCore, process.execPath, join(root, "bench/bus-node.ts")], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, OPTIONS: JSON.stringify(options) },
    ipc: (answer: NodeAnswer) => answered.resolve(answer),
    onExit: () => answered.reject(new Error("a node ended")),
  });
  await answered.promise;
  return {
    pid: child.pid,
    order(order) {
      answered = Promise.withResolvers();
      child.send(order);
      return answered.promise;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const residentBytes = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
