// The thread of a probe: it says 0 when all are connected, then a number each time that it is asked, and texts of faults.
import { parentPort, workerData } from "node:worker_threads";
import { quantile } from "../rounds.ts";
import { answerPlace } from "./answers.ts";
import { arrive } from "./arrivals.ts";
import { openClient, type Client } from "./client.ts";
import { encodeText } from "./frames.ts";
import type { ProbeLoad } from "./probe.ts";

const perSecond = 100;
const longestSeconds = 600;

const { url, members } = workerData as ProbeLoad;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
const tell = (news: number | string) => parentPort?.postMessage(news);
const dueAt = new Map<number, number>();
const clients: Client[] = [];
let latencies: number[] = [];
let sent = 0;

function receive(chunk: Buffer, start: number, end: number): void {
  const number = answerPlace(chunk, end) ?? -1;
  const due = dueAt.get(number);
  if (due === undefined || chunk.toString("latin1", start, start + 8) !== '{"event"')
    return tell(`the probe heard ${chunk.toString("utf8", start, Math.min(end, start + 200))}`);
  dueAt.delete(number);
  latencies.push(performance.now() - due);
}

function send(due: number): void {
  const place = sent++ % members.length;
  dueAt.set(sent, due);
  const text = `{"action":"send_message","chat_id":"${members[place]?.chatIds[0]}","text":"How long?","request_id":"${sent}"}`;
  clients[place]?.write(encodeText(text));
}

function takeP99(): number {
  const now = performance.now();
  // Who still waits has waited so long at least.
  const measured = [...latencies, ...[...dueAt.values()].map((due) => now - due)];
  latencies = [];
  return quantile(measured, 0.99);
}

for (const { token } of members) {
  const onEnd = (reason: string) => tell(`the probe's connection: ${reason}`);
  clients.push(await openClient({ url, token, onText: receive, onEnd }));
}
parentPort?.on("message", () => tell(takeP99()));
tell(0);
await arrive({ perSecond, isPoisson: true, seconds: longestSeconds }, send);
