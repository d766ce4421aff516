// One node of the workload `bus`: follows its chats, and publishes when its parent says so over the channel between them.
import { chatIdOf, chatsOf, nodesOf, type Population } from "./bus-chats.ts";
import { openWire, type Head, type Strategy } from "./bus-variants.ts";
import { createTexts } from "./texts.ts";

export interface NodeOptions extends Population {
  url: string;
  strategy: Strategy;
  place: number;
}

export type NodeOrder =
  | { do: "follow" }
  | { do: "publish"; seconds: number; rate: number }
  /** So many leave a chat and come back to it in a second. */
  | { do: "churn"; rate: number }
  | { do: "count" };

export interface NodeAnswer {
  followed: number;
  followMs: number;
  followBytes: number;
  published: number;
  /** Place of each node → how many of the published it must hear. */
  due: number[];
  roundTripMs: number[];
  arrived: number;
  /** Of those that arrived, the ones of a chat that is followed here. */
  heard: number;
  /** How often a message was not the next one of its chat's sender, or came twice. */
  disorder: number;
}

const { url, strategy, place, ...population } = JSON.parse(process.env["OPTIONS"] ?? "") as NodeOptions;
const wire = await openWire(strategy, url);
const chats = chatsOf(place, population).map((n) => ({
  id: chatIdOf(n),
  others: [...nodesOf(n, population.nodes, population.spread)].filter((node) => node !== place),
}));
type Chat = (typeof chats)[number];
const anyChat = () => chats[Math.floor(Math.random() * chats.length)] as Chat;
const frames = createTexts(100).map((text) => {
  const sender = { id: crypto.randomUUID(), name: "Person 1" };
  const ids = { id: crypto.randomUUID(), chat_id: crypto.randomUUID(), seq: 4711, version: 4711 };
  const data = { ...ids, sender, text, created_at: new Date().toISOString(), is_read: false, read_at: null };
  return JSON.stringify({ event: "new_message", data });
});
const answer: NodeAnswer = {
  ...{ followed: 0, followMs: 0, followBytes: 0, published: 0, due: [], roundTripMs: [] },
  ...{ arrived: 0, heard: 0, disorder: 0 },
};
/** One message in so many is answered by the second node. */
const echoEvery = 100;
const echoChat = "echo";
let lastHeard = -1;

wire.listen(({ head }) => {
  if (head.kind === "echo") {
    if (place === 0) answer.roundTripMs.push(performance.now() - head.sentAt);
    else if (place === 1) wire.publish(echoChat, { head });
    return;
  }
  answer.heard++;
  if (head.n <= lastHeard) answer.disorder++;
  lastHeard = head.n;
});

async function follow(): Promise<void> {
  wire.follow(echoChat);
  Bun.gc(true);
  const before = process.memoryUsage.rss();
  const startedAt = performance.now();
  for (const { id } of chats) wire.follow(id);
  await wire.settled();
  answer.followMs = performance.now() - startedAt;
  answer.followed = chats.length;
  Bun.gc(true);
  answer.followBytes = process.memoryUsage.rss() - before;
}

/** As many as are due, each millisecond; what a busy machine held up is made good little by little. */
async function each(rate: number, seconds: number, act: () => void): Promise<void> {
  const startedAt = performance.now();
  const total = rate * seconds;
  const atOnce = rate / 50;
  for (let done = 0; done < total;) {
    const due = Math.min(total, done + atOnce, ((performance.now() - startedAt) / 1000) * rate);
    for (; done < due; done++) act();
    await Bun.sleep(1);
  }
}

let n = 0;
function publish(): void {
  const { id: chatId, others } = anyChat();
  const head: Head = { kind: "log", chatId, n: n++, sentAt: 0 };
  wire.publish(chatId, { head, frame: frames[n % frames.length] ?? "" });
  answer.published++;
  for (const node of others) answer.due[node] = (answer.due[node] ?? 0) + 1;
  if (n % echoEvery === 0) {
    const echo: Head = { kind: "echo", chatId: echoChat, n: 0, sentAt: performance.now() };
    wire.publish(echoChat, { head: echo });
  }
}

function leaveAndReturn(): void {
  const { id } = anyChat();
  wire.unfollow(id);
  wire.follow(id);
}

async function obey(order: NodeOrder): Promise<void> {
  if (order.do === "follow") await follow();
  if (order.do === "publish") {
    answer.roundTripMs = [];
    await each(order.rate, order.seconds, publish);
    await wire.settled();
  }
  if (order.do === "churn") void each(order.rate, Infinity, leaveAndReturn);
  process.send?.({ ...answer, arrived: wire.arrived });
}

process.on("message", (order: NodeOrder) => void obey(order));
process.send?.({ ...answer });
