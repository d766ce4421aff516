// The bus over NATS: one subject per chat that is followed, one for all nodes, and a connection that is always tried again.
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { decodeMessage, encodeMessage } from "./encoding.ts";
import { createFollowedChats } from "./followed-chats.ts";
import { parseNatsUrl } from "./nats-address.ts";
import { openNatsLink, type NatsLink } from "./nats-link.ts";
import { createRare } from "./rare.ts";
import type { Bus, BusMessage } from "./bus.ts";

interface NatsBusNeeds {
  /** As NATS_URL has it. */
  url: string;
  log: Logger;
  clock?: Clock;
  /** A dead connection is noticed after three of these. */
  pingIntervalMs?: number;
  /** How long to wait before trying again, after so many failures in a row. */
  retryAfterMs?(failures: number): number;
}

export interface Clock {
  now(): number;
  every(intervalMs: number, call: () => void): Disposable;
}

const realClock: Clock = {
  now: () => performance.now(),
  every(intervalMs, call) {
    const timer = setInterval(call, intervalMs);
    timer.unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};

/** Spread, so that the nodes of a cluster do not come back all at once. */
const spreadRetry = (failures: number) => Math.random() * Math.min(2000, 250 * 2 ** failures);

const subjectOf = (chatId: string) => `windi.chat.${chatId}`;
const subjectOfAll = "windi.all";
/** Between so many subscriptions of a new connection the sockets get their turn. */
const subscriptionsPerTurn = 500;
/** What does not leave within this time when the bus ends, stays. */
const farewellMs = 500;

/** Connects in the background, and again whenever that is needed, until it is disposed. */
export function connectNatsBus<Head>({
  url,
  log,
  clock = realClock,
  pingIntervalMs = 5000,
  retryAfterMs = spreadRetry,
}: NatsBusNeeds): Bus<Head> {
  const address = parseNatsUrl(url);
  const { now } = clock;
  const listeners = new Set<(message: BusMessage<Head>) => void>();
  const onRestored = new Set<() => void>();
  const ending = new AbortController();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let link: NatsLink | undefined;
  let isConnected = false;
  const subscriptions = new Map<string, { unsubscribe(): void }>();

  const onDropped = createRare({ now, tell: (count) => log.warn({ count }, "bus message dropped") });
  const onMalformed = createRare({
    now,
    tell: (count, err) => log.warn({ count, err }, "bus message ignored"),
  });
  const onRefusal = createRare({ now, tell: (count, err) => log.error({ count, err }, "bus refused") });

  function hear(data: Uint8Array): void {
    let message: BusMessage<Head>;
    try {
      message = decodeMessage<Head>(decoder.decode(data));
    } catch (error) {
      return onMalformed(error);
    }
    for (const listener of listeners) {
      // What a listener throws must not reach the client, which would stop reading.
      try {
        listener(message);
      } catch (err) {
        log.error({ err }, "fault");
      }
    }
  }

  function send(subject: string, message: BusMessage<Head>): void {
    if (link && !link.publish(subject, encoder.encode(encodeMessage(message)))) onDropped();
  }

  function subscribe(chatId: string): void {
    if (link) subscriptions.set(chatId, link.subscribe(subjectOf(chatId)));
  }

  const followed = createFollowedChats({
    begin: subscribe,
    end(chatId) {
      subscriptions.get(chatId)?.unsubscribe();
      subscriptions.delete(chatId);
    },
    now,
    lingerMs: 60_000,
    maxLingering: 50_000,
  });
  const sweeping = clock.every(1000, followed.sweep);

  /** From a new connection to its end. */
  async function use(opened: NatsLink): Promise<void> {
    link = opened;
    let isOpen = true;
    const ended = opened.ended.finally(() => (isOpen = false));
    opened.subscribe(subjectOfAll);
    let subscribed = 0;
    for (const chatId of followed.chats) {
      if (subscriptions.has(chatId)) continue;
      subscribe(chatId);
      if (++subscribed % subscriptionsPerTurn === 0) await nextTurn();
      if (!isOpen) break;
    }
    await opened.settled();
    if (isOpen) {
      isConnected = true;
      log.info({ server: opened.server }, "bus connected");
      for (const listener of onRestored) listener();
    }
    const err = await ended;
    link = undefined;
    isConnected = false;
    subscriptions.clear();
    if (!ending.signal.aborted) log.warn({ server: opened.server, err }, "bus lost");
  }

  async function run(): Promise<void> {
    let failures = 0;
    let told: string | undefined;
    while (!ending.signal.aborted) {
      try {
        const opened = await openNatsLink({ address, hear, pingIntervalMs, onRefusal });
        if (ending.signal.aborted) return await opened.close();
        await use(opened);
        failures = 0;
        told = undefined;
      } catch (error) {
        failures++;
        const reason = String(error);
        if (reason !== told) log.warn({ err: error }, "waiting for the bus");
        told = reason;
      }
      await pause(retryAfterMs(failures), undefined, { ref: false, signal: ending.signal }).catch(() => {});
    }
  }
  const running = run();

  return {
    publish: (chatId, message) => send(subjectOf(chatId), message),
    broadcast: (message) => send(subjectOfAll, message),
    listen: (listener) => void listeners.add(listener),
    follow: followed.follow,
    unfollow: followed.unfollow,
    isAlone: false,
    get isConnected() {
      return isConnected;
    },
    onRestored: (listener) => void onRestored.add(listener),
    async [Symbol.asyncDispose]() {
      const last = link;
      link = undefined;
      isConnected = false;
      ending.abort();
      sweeping[Symbol.dispose]();
      if (last) {
        await Promise.race([last.settled(), pause(farewellMs, undefined, { ref: false })]);
        await last.close();
        await running;
      }
    },
  };
}
