// A client of the load that follows chats: it checks that nothing is lost, doubled or out of order, and sends until it is answered.
import { answerPlace, keyNumber, messageChatId, messageSeq } from "./answers.ts";
import { createCatchUp } from "./catch-up.ts";
import { openClient, type Client } from "./client.ts";
import { encodeText } from "./frames.ts";
import type { Record } from "./record.ts";

export interface Follower {
  readonly isOpen: boolean;
  /** Chat → seq of the last message heard. */
  readonly seqs: ReadonlyMap<string, number>;
  /** What the server said about the time to come back, with its last frame or refusal. */
  readonly comeBackMs: number | undefined;
  /** Connects, follows, hears what it missed, and sends again what had no answer. @throws HandshakeRefused */
  open(): Promise<void>;
  /** The connection is gone, as a network drops it. */
  cut(): void;
  /** Reads no more from this connection. */
  stall(): void;
  /** @param number what the record gave */
  send(chatId: string, number: number): void;
}

export interface FollowerNeeds {
  /** The server's address, asked at each opening. */
  url(): string;
  token: string;
  /** Counts through the clients of the load. */
  place: number;
  record: Record;
  /** The chats to join; without them the client subscribes. */
  joins?: readonly string[];
  /** Different in each run: begins the idempotency keys. */
  run: string;
  texts: readonly string[];
  /** Several nodes may tell of one chat: a message may overtake another. */
  mayOvertake?: boolean;
  onLost?(reason: string): void;
}

interface OtherFrame {
  status?: string;
  event?: string;
  error?: string;
  code?: string;
  after_ms?: number;
  chat_id?: string;
  seq?: number;
}

/** How long a message that overtook others waits for them. */
const overtakenMs = 300;

export function createFollower(needs: FollowerNeeds): Follower {
  const { record, joins, mayOvertake = false } = needs;
  const seqs = new Map<string, number>();
  const unanswered = new Map<number, string>();
  /** Sent more than once: if the first was stored, the answer to the second repeats it. */
  const repeated = new Set<number>();
  /** Heard before what is before it. */
  const early = new Map<string, Map<number, number | undefined>>();
  /** Up to here the server tells by position and catch-up, and may tell once more. */
  const caughtUpTo = new Map<string, number>();
  let client: Client | undefined;
  let ready: PromiseWithResolvers<void> | undefined;
  let joinsLeft = 0;
  let isCatchingUp = false;
  let comeBackMs: number | undefined;

  const write = (frame: object) => client?.write(encodeText(JSON.stringify(frame)));

  function take(chatId: string, seq: number, number: number | undefined): void {
    seqs.set(chatId, seq);
    if (number === undefined) return;
    if (unanswered.delete(number)) record.acknowledged(number);
    record.heard(number);
  }

  function takeEarly(chatId: string): void {
    const waiting = early.get(chatId);
    if (!waiting) return;
    for (let seq = (seqs.get(chatId) ?? 0) + 1; waiting.has(seq); seq++) take(chatId, seq, waiting.get(seq));
    early.delete(chatId);
    const last = seqs.get(chatId) ?? 0;
    const rest = [...waiting].filter(([seq]) => seq > last);
    if (rest.length > 0) early.set(chatId, new Map(rest));
  }

  function hear(chatId: string, seq: number, number: number | undefined): void {
    const last = seqs.get(chatId) ?? 0;
    if (seq === last + 1) {
      take(chatId, seq, number);
      if (early.size > 0) takeEarly(chatId);
    } else if (seq > last) {
      const isWaiting = isCatchingUp || ready !== undefined;
      if (!isWaiting && !mayOvertake) return record.fault(`seq ${seq} after ${last}`);
      early.set(chatId, (early.get(chatId) ?? new Map<number, number>()).set(seq, number));
      if (!isWaiting) setTimeout(() => fillHole(chatId), overtakenMs);
    } else if (seq > (caughtUpTo.get(chatId) ?? 0)) record.fault(`seq ${seq} again, after ${last}`);
    return undefined;
  }

  /** @param isAnswer the frame answers one that was sent here */
  function hearMessage(chatId: string, seq: number, number: number | undefined, isAnswer: boolean): void {
    const isRepetition = isAnswer && number !== undefined && repeated.has(number);
    if (!isRepetition || seq === (seqs.get(chatId) ?? 0) + 1) return hear(chatId, seq, number);
    repeated.delete(number);
    if (unanswered.delete(number)) record.acknowledged(number);
    return undefined;
  }

  const catchUp = createCatchUp({
    ...{ seqs, write, url: needs.url, token: needs.token, fault: record.fault },
    take(chatId, seq, number) {
      caughtUpTo.set(chatId, Math.max(seq, caughtUpTo.get(chatId) ?? 0));
      if (seq === (seqs.get(chatId) ?? 0) + 1) take(chatId, seq, number);
      else if (seq > (seqs.get(chatId) ?? 0)) record.fault(`seq ${seq} after ${seqs.get(chatId)}, caught up`);
    },
    done() {
      isCatchingUp = false;
      becomeReady();
    },
  });

  function fillHole(chatId: string): void {
    takeEarly(chatId);
    if (!early.has(chatId) || isCatchingUp || !client) return;
    isCatchingUp = true;
    catchUp.start([chatId]);
  }

  function becomeReady(): void {
    for (const chatId of early.keys()) takeEarly(chatId);
    if (early.size > 0 && !mayOvertake) record.fault("there is a hole after what was caught up");
    ready?.resolve();
    ready = undefined;
    for (const [number, chatId] of unanswered) {
      repeated.add(number);
      sendNow(chatId, number);
    }
  }

  function sendNow(chatId: string, number: number): void {
    const text = needs.texts[number % needs.texts.length];
    client?.write(
      encodeText(
        `{"action":"send_message","chat_id":"${chatId}","text":${text},"idempotency_key":"${needs.run}-${number}","request_id":"${number}"}`,
      ),
    );
  }

  function onSubscribed(chats: readonly { chat_id: string; seq: number }[]): void {
    const behind: string[] = [];
    for (const { chat_id, seq } of chats) {
      const known = seqs.get(chat_id);
      caughtUpTo.set(chat_id, seq);
      if (known === undefined) seqs.set(chat_id, seq);
      else if (seq > known) behind.push(chat_id);
    }
    if (behind.length === 0) return becomeReady();
    isCatchingUp = true;
    return catchUp.start(behind);
  }

  function onOther(text: string): void {
    const frame = JSON.parse(text) as OtherFrame;
    if (frame.status === "joined") {
      if (--joinsLeft === 0) becomeReady();
    } else if (frame.status === "subscribed") onSubscribed((JSON.parse(text) as { chats: [] }).chats);
    else if (frame.status === "caught_up") catchUp.hear(text);
    else if (frame.event === "come_back") comeBackMs = frame.after_ms;
    else if (frame.event === "position" && frame.chat_id !== undefined) {
      // A hint that something may be lost.
      const isBehind = (frame.seq ?? 0) > (seqs.get(frame.chat_id) ?? 0);
      if (isBehind && !isCatchingUp) {
        isCatchingUp = true;
        catchUp.start([frame.chat_id]);
      }
    } else if (frame.error !== undefined && frame.code !== "draining") record.fault(text);
  }

  function onLost(reason: string): void {
    client = undefined;
    isCatchingUp = false;
    early.clear();
    catchUp.stop();
    ready?.reject(new Error(reason));
    ready = undefined;
    needs.onLost?.(reason);
  }

  return {
    get isOpen() {
      return client !== undefined && ready === undefined;
    },
    get comeBackMs() {
      return comeBackMs;
    },
    seqs,
    async open() {
      const opened = await openClient({
        ...{ url: needs.url(), token: needs.token, number: needs.place },
        onEnd: onLost,
        onText(chunk, start, end) {
          const seq = messageSeq(chunk, start);
          if (seq === undefined) onOther(chunk.toString("utf8", start, end));
          else {
            const isAnswer = answerPlace(chunk, end) !== undefined;
            hearMessage(messageChatId(chunk, start), seq, keyNumber(chunk, end), isAnswer);
          }
        },
      });
      client = opened;
      comeBackMs = undefined;
      const readiness = Promise.withResolvers<void>();
      ready = readiness;
      if (joins) {
        joinsLeft = joins.length;
        for (const chat_id of joins) write({ action: "join_chat", chat_id });
      } else write({ action: "subscribe" });
      await readiness.promise;
    },
    cut() {
      client?.close();
      if (client) onLost("cut");
    },
    stall: () => client?.stall(),
    send(chatId, number) {
      unanswered.set(number, chatId);
      if (client && !ready) sendNow(chatId, number);
    },
  };
}
