// Three ways from one node to the others: our bus, the same with subjects per shard, and the bare NATS client.
import { connect } from "@nats-io/transport-node";
import pino from "pino";
import type { Bus, BusMessage } from "../server/src/bus/bus.ts";
import { connectNatsBus } from "../server/src/bus/bus-nats.ts";
import { decodeMessage, encodeMessage } from "../server/src/bus/encoding.ts";
import { parseNatsUrl } from "../server/src/bus/nats-address.ts";
import { openNatsLink } from "../server/src/bus/nats-link.ts";

export type Strategy = "subject per chat" | "256 shards" | "bare client";

/** What the nodes of this workload tell each other; the second node answers an `echo` with the same. */
export interface Head {
  kind: "log" | "echo";
  chatId: string;
  n: number;
  sentAt: number;
}

export interface Wire extends Pick<Bus<Head>, "publish" | "follow" | "unfollow"> {
  /** What came in for a chat that is followed here. */
  listen(listener: (message: BusMessage<Head>) => void): void;
  /** Messages that came in, whether anybody here wanted them or not; echoes left out. */
  readonly arrived: number;
  /** Resolves when NATS has done what it was asked. */
  settled(): Promise<void>;
}

const shards = 256;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function openWire(strategy: Strategy, url: string): Promise<Wire> {
  if (strategy === "bare client") return openBare(url);
  return strategy === "256 shards" ? openSharded(url) : openPerChat(url);
}

const open = (url: string, hear: (data: Uint8Array) => void) =>
  openNatsLink({
    address: parseNatsUrl(url),
    hear,
    pingIntervalMs: 5000,
    onRefusal(error) {
      throw error;
    },
  });

async function openPerChat(url: string): Promise<Wire> {
  const bus = connectNatsBus<Head>({ url, log: pino({ level: "warn" }) });
  await new Promise<void>((resolve) => bus.onRestored(resolve));
  let seen = Promise.withResolvers<void>();
  const witness = await open(url, () => seen.resolve());
  let arrived = 0;
  bus.listen(({ head }) => {
    if (head.kind === "log") arrived++;
  });
  return {
    publish: bus.publish,
    follow: bus.follow,
    unfollow: bus.unfollow,
    listen: bus.listen,
    get arrived() {
      return arrived;
    },
    // A connection's requests are done in order: what comes out behind them comes after them.
    async settled() {
      const chatId = crypto.randomUUID();
      seen = Promise.withResolvers();
      const subscription = witness.subscribe(`windi.chat.${chatId}`);
      await witness.settled();
      bus.publish(chatId, { head: { kind: "log", chatId, n: 0, sentAt: 0 } });
      await seen.promise;
      subscription.unsubscribe();
    },
  };
}

async function openSharded(url: string): Promise<Wire> {
  const listeners: ((message: BusMessage<Head>) => void)[] = [];
  const chats = new Set<string>();
  const subscribed = new Set<string>();
  let arrived = 0;
  const subjectOf = (chatId: string) => `windi.shard.${Bun.hash.crc32(chatId) % shards}`;

  const link = await open(url, (data) => {
    const message = decodeMessage<Head>(decoder.decode(data));
    if (message.head.kind === "log") arrived++;
    if (chats.has(message.head.chatId)) for (const listener of listeners) listener(message);
  });

  return {
    get arrived() {
      return arrived;
    },
    settled: link.settled,
    publish: (chatId, message) =>
      void link.publish(subjectOf(chatId), encoder.encode(encodeMessage(message))),
    listen: (listener) => void listeners.push(listener),
    follow(chatId) {
      chats.add(chatId);
      const subject = subjectOf(chatId);
      if (!subscribed.has(subject)) link.subscribe(subject);
      subscribed.add(subject);
    },
    unfollow: (chatId) => void chats.delete(chatId),
  };
}

/** One subject for everything, and nothing is read but what asks for an answer. */
async function openBare(url: string): Promise<Wire> {
  const connection = await connect({ servers: url.replace("nats://", ""), noEcho: true });
  const listeners: ((message: BusMessage<Head>) => void)[] = [];
  let arrived = 0;
  connection.subscribe("bare", {
    callback(error, message) {
      if (error) throw error;
      const text = message.string();
      if (!text.startsWith('{"kind":"echo"')) arrived++;
      else for (const listener of listeners) listener(decodeMessage<Head>(text));
    },
  });
  const head = JSON.stringify({ kind: "log", chatId: crypto.randomUUID(), n: 10_000, sentAt: 1_000_000.5 });
  return {
    get arrived() {
      return arrived;
    },
    settled: () => connection.flush(),
    publish: (_, message) =>
      connection.publish(
        "bare",
        message.head.kind === "echo" ? encodeMessage(message) : `${head}\n${message.frame ?? ""}`,
      ),
    listen: (listener) => void listeners.push(listener),
    follow() {},
    unfollow() {},
  };
}
