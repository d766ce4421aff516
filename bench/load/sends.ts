// The load of sends: a fixed number in flight, every answer checked against what was sent.
import { answerPlace, messageChatId, messageSeq } from "./answers.ts";
import { openClient, type Client } from "./client.ts";
import { startMeter } from "../cpu.ts";
import { encodeText } from "./frames.ts";
import type { Population } from "../population.ts";
import { quantile, type Sample } from "../rounds.ts";
import { createTexts } from "../texts.ts";

interface SendsLoad {
  url: string;
  population: Population;
  inFlight: number;
  warmUpSeconds: number;
  seconds: number;
  /** Roots of the process trees to measure. */
  parts: { server: number; database?: number };
}

interface MeasuredSends extends Sample {
  /** Answers per chat. */
  acknowledged: ReadonlyMap<string, number>;
}

interface Slot {
  place: number;
  chatId: string;
  /** Greatest seq of the chat that was known when this was sent. */
  after: number;
  sentAt: number;
}

export async function driveSends(load: SendsLoad): Promise<MeasuredSends> {
  const { users, chats } = load.population;
  const texts = createTexts(1000).map((text) => JSON.stringify(text));
  const chatsOf = Map.groupBy(
    chats.flatMap((chat) => chat.memberIds.map((userId) => ({ userId, chatId: chat.id }))),
    ({ userId }) => userId,
  );
  const faults: string[] = [];
  const fault = (text: string) => {
    if (faults.length < 5) faults.push(text);
  };
  const slots = Array.from({ length: load.inFlight }, (_, place): Slot => ({
    place,
    chatId: "",
    after: 0,
    sentAt: 0,
  }));
  const seqs = new Map<string, number[]>(chats.map((chat) => [chat.id, []]));
  const lastSeq = new Map<string, number>();
  let latencies: number[] = [];
  let answered = 0;
  let sent = 0;
  let isSending = true;
  let open = 0;
  const drained = Promise.withResolvers<void>();
  const clients: Client[] = [];

  function send(place: number): void {
    const slot = slots[place] as Slot;
    const turn = sent++ % users.length;
    const own = chatsOf.get(users[turn]?.id ?? "") ?? [];
    const { chatId } = own[Math.floor(Math.random() * own.length)] as (typeof own)[number];
    slot.chatId = chatId;
    slot.after = lastSeq.get(chatId) ?? 0;
    slot.sentAt = performance.now();
    open++;
    clients[turn]?.write(
      encodeText(
        `{"action":"send_message","chat_id":"${chatId}","text":${texts[sent % texts.length]},"idempotency_key":"${crypto.randomUUID()}","request_id":"${place}"}`,
      ),
    );
  }

  function receive(chunk: Buffer, start: number, end: number): void {
    const slot = slots[answerPlace(chunk, end) ?? -1];
    const seq = messageSeq(chunk, start);
    const chatId = messageChatId(chunk, start);
    if (!slot || seq === undefined || chatId !== slot.chatId) {
      return fault(`unexpected: ${chunk.toString("utf8", start, end)}`);
    }
    if (seq <= slot.after) fault(`seq ${seq} after ${slot.after} had been told`);
    seqs.get(chatId)?.push(seq);
    if (seq > (lastSeq.get(chatId) ?? 0)) lastSeq.set(chatId, seq);
    latencies.push(performance.now() - slot.sentAt);
    answered++;
    open--;
    if (isSending) send(slot.place);
    else if (open === 0) drained.resolve();
  }

  for (const user of users) {
    const onEnd = (reason: string) => drained.reject(new Error(reason));
    clients.push(await openClient({ url: load.url, token: user.token, onText: receive, onEnd }));
  }
  for (let place = 0; place < load.inFlight; place++) send(place);
  await Promise.race([Bun.sleep(load.warmUpSeconds * 1000), drained.promise]);
  latencies = [];
  const before = answered;
  const stop = startMeter(load.parts as { server: number; database: number });
  await Promise.race([Bun.sleep(load.seconds * 1000), drained.promise]);
  const { seconds, cpu, marks } = stop();
  const count = answered - before;
  const measured = latencies;
  isSending = false;
  await Promise.race([drained.promise, Bun.sleep(10_000).then(() => fault(`${open} without an answer`))]);
  for (const client of clients) client.close();

  for (const [chatId, list] of seqs) {
    list.sort((one, other) => one - other);
    if (list.some((seq, place) => seq !== place + 1)) fault(`chat ${chatId} has a hole or a double`);
  }
  return {
    metrics: {
      "messages/s": count / seconds,
      "server µs/message": (cpu.server / count) * 1e6,
      ...(Number.isFinite(cpu.database) ? { "database µs/message": (cpu.database / count) * 1e6 } : {}),
      "generator's core": cpu.generator / seconds,
      "p50 ms": quantile(measured, 0.5),
      "p99 ms": quantile(measured, 0.99),
    },
    marks,
    faults,
    acknowledged: new Map([...seqs].map(([chatId, list]) => [chatId, list.length])),
  };
}
