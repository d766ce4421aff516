// A few senders beside another load: how long they wait for an answer, in one stretch of time after the other.
import { quantile } from "../rounds.ts";
import { answerPlace } from "./answers.ts";
import { arrive } from "./arrivals.ts";
import { openClient, type Client } from "./client.ts";
import type { Member } from "./fleet.ts";
import { encodeText } from "./frames.ts";

export interface Probe extends Disposable {
  /** 99 % of the answers since this was asked last came within so many ms, counted from when each send was due. */
  takeP99(): number;
}

const perSecond = 100;
const longestSeconds = 600;

/** Each of the members sends in the first of their chats; `fault` is told of what is not answered as it should be. */
export async function startProbe(
  url: string,
  members: readonly Member[],
  fault: (text: string) => void,
): Promise<Probe> {
  const dueAt = new Map<number, number>();
  const clients: Client[] = [];
  let latencies: number[] = [];
  let sent = 0;
  let isOver = false;

  function receive(chunk: Buffer, start: number, end: number): void {
    const number = answerPlace(chunk, end) ?? -1;
    const due = dueAt.get(number);
    if (due === undefined || chunk.toString("latin1", start, start + 8) !== '{"event"')
      return fault(`the probe heard ${chunk.toString("utf8", start, Math.min(end, start + 200))}`);
    dueAt.delete(number);
    latencies.push(performance.now() - due);
  }

  for (const { token } of members) {
    const onEnd = (reason: string) => {
      if (!isOver) fault(`the probe's connection: ${reason}`);
    };
    clients.push(await openClient({ url, token, onText: receive, onEnd }));
  }

  void arrive({ perSecond, isPoisson: true, seconds: longestSeconds }, (due) => {
    if (isOver) return;
    const place = sent++ % members.length;
    dueAt.set(sent, due);
    const text = `{"action":"send_message","chat_id":"${members[place]?.chatIds[0]}","text":"How long?","request_id":"${sent}"}`;
    clients[place]?.write(encodeText(text));
  });

  return {
    takeP99() {
      const now = performance.now();
      // Who still waits has waited so long at least.
      const measured = [...latencies, ...[...dueAt.values()].map((due) => now - due)];
      latencies = [];
      return quantile(measured, 0.99);
    },
    [Symbol.dispose]() {
      isOver = true;
      for (const client of clients) client.close();
    },
  };
}
