// The load of fan-out: many sockets that count what they hear, a few that send and check the order.
import { answerPlace, messageSeq } from "./answers.ts";
import { openClient, type Client } from "./client.ts";
import { startMeter } from "../cpu.ts";
import { encodeText } from "./frames.ts";
import { quantile, type Sample } from "../rounds.ts";
import { createTexts } from "../texts.ts";

interface FanoutLoad {
  url: string;
  /** One socket each. */
  tokens: readonly string[];
  chatId: string;
  /** Sockets that send, each the next message when it has heard its last. */
  inFlight: number;
  seconds: number;
  parts: { server: number; database?: number };
}

/** Senders while the server warms up: one alone would not bring its code to its best. */
const warmUpSenders = 32;
const warmUpMs = 3000;

export async function driveFanout(load: FanoutLoad): Promise<Sample> {
  const texts = createTexts(1000).map((text) => JSON.stringify(text));
  const faults: string[] = [];
  const fault = (text: string) => {
    if (faults.length < 5) faults.push(text);
  };
  const clients: Client[] = [];
  const sentAt: number[] = [];
  let latencies: number[] = [];
  let sent = 0;
  let isSending = true;
  const mostSenders = Math.max(load.inFlight, warmUpSenders);
  let senders = mostSenders;
  let joined = 0;
  const ready = Promise.withResolvers<void>();
  const heard = () => clients.reduce((sum, client) => sum + client.reader.count, 0);

  function send(place: number): void {
    sentAt[place] = performance.now();
    sent++;
    clients[place]?.write(
      encodeText(
        `{"action":"send_message","chat_id":"${load.chatId}","text":${texts[sent % texts.length]},"idempotency_key":"${crypto.randomUUID()}","request_id":"${place}"}`,
      ),
    );
  }

  /** Checks the order; a sender sends on when its own message is there. */
  function createListener(place: number) {
    let lastSeq: number | undefined;
    return (chunk: Buffer, start: number, end: number) => {
      const seq = messageSeq(chunk, start);
      if (seq === undefined) return fault(chunk.toString("utf8", start, end));
      if (lastSeq !== undefined && seq !== lastSeq + 1) fault(`seq ${seq} after ${lastSeq}`);
      lastSeq = seq;
      if (place >= mostSenders || answerPlace(chunk, end) !== place) return undefined;
      latencies.push(performance.now() - (sentAt[place] ?? 0));
      if (isSending && place < senders) send(place);
      return undefined;
    };
  }

  for (const [place, token] of load.tokens.entries()) {
    const listener = createListener(place);
    let isJoined = false;
    clients.push(
      await openClient({
        url: load.url,
        token,
        onEnd: (reason) => ready.reject(new Error(reason)),
        onText(chunk, start, end) {
          if (isJoined) return listener(chunk, start, end);
          isJoined = true;
          if (!chunk.toString("latin1", start, end).startsWith('{"status":"joined"')) fault("not joined");
          if (++joined === load.tokens.length) ready.resolve();
          return undefined;
        },
      }),
    );
    clients.at(-1)?.write(encodeText(`{"action":"join_chat","chat_id":"${load.chatId}"}`));
  }
  await ready.promise;
  for (const client of clients) client.reader.count = 0;

  const ended = Promise.withResolvers<never>();
  ready.promise.catch(ended.reject);
  for (let place = 0; place < senders; place++) send(place);
  await Bun.sleep(warmUpMs - 500);
  senders = load.inFlight;
  await Bun.sleep(500);
  latencies = [];
  const before = heard();
  // A generator without a pause makes the server's writes larger and cheaper, the floor's most of all.
  const stop = startMeter(load.parts as { server: number; database: number }, { maxGeneratorShare: 1 });
  await Bun.sleep(load.seconds * 1000);
  const { seconds, cpu, marks } = stop();
  const deliveries = heard() - before;
  const measured = latencies;
  isSending = false;
  for (let waited = 0; heard() < sent * clients.length && waited < 10_000; waited += 20) await Bun.sleep(20);
  if (heard() !== sent * clients.length)
    fault(`${sent * clients.length - heard()} of the deliveries are missing`);
  const uneven = clients.filter((client) => client.reader.count !== sent).length;
  if (uneven > 0) fault(`${uneven} sockets heard more or less than ${sent} messages`);
  for (const client of clients) client.close();
  return {
    metrics: {
      "deliveries/s": deliveries / seconds,
      "server µs/delivery": (cpu.server / deliveries) * 1e6,
      ...(Number.isFinite(cpu.database) ? { "database µs/delivery": (cpu.database / deliveries) * 1e6 } : {}),
      "server's core": cpu.server / seconds,
      "generator's core": cpu.generator / seconds,
      "p50 ms": quantile(measured, 0.5),
      "p99 ms": quantile(measured, 0.99),
    },
    marks,
    faults,
  };
}
