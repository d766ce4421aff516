// A client that loses nothing: it keeps a window of sends in flight, and repeats what was not acknowledged, with the same
// key, over a new connection or when the server says that it may.
import type { MessageInfo } from "@windi/protocol";
import type { Frame } from "./socket.ts";

export interface Ack {
  key: string;
  message: MessageInfo;
  /** Whether an earlier attempt had been sent, over this connection or another. */
  isRepeated: boolean;
  /** Which of this client's connections brought it. */
  connection: number;
}

export interface Talker {
  /** In the order in which they came. */
  readonly acks: Ack[];
  /** seq of each message heard, by connection. */
  readonly heard: number[][];
  /** Codes of the error frames. */
  readonly refusals: string[];
  /** Close codes of the connections that ended. */
  readonly closes: number[];
  /** Resolves when all texts are acknowledged. */
  readonly done: Promise<void>;
  stop(): void;
}

interface TalkerNeeds {
  /** The server's address at the moment. */
  url(): string;
  token: string;
  chatId: string;
  /** Sent in this order; the n-th has the key `name-n`. */
  texts: readonly string[];
  name: string;
  window?: number;
  /** Called at each acknowledgement. */
  onAck?(ack: Ack): void;
}

const reconnectMs = 50;
const repeatMs = 100;

export function startTalker({ url, token, chatId, texts, name, window = 32, onAck }: TalkerNeeds): Talker {
  const acks: Ack[] = [];
  const heard: number[][] = [];
  const refusals: string[] = [];
  const closes: number[] = [];
  const done = Promise.withResolvers<void>();
  const acknowledged = new Set<number>();
  const attempted = new Set<number>();
  /** Places in `texts` that wait to be sent, in order. */
  let waiting = texts.map((_, place) => place);
  let inFlight = new Set<number>();
  let socket: WebSocket | undefined;
  let isStopped = false;

  function pump(): void {
    while (inFlight.size < window && socket?.readyState === WebSocket.OPEN) {
      const place = waiting.shift();
      if (place === undefined) return;
      inFlight.add(place);
      const frame = { action: "send_message", chat_id: chatId, text: texts[place] };
      const request_id = `${place}${attempted.has(place) ? " again" : ""}`;
      attempted.add(place);
      socket.send(JSON.stringify({ ...frame, idempotency_key: `${name}-${place}`, request_id }));
    }
  }

  function acknowledge(place: number, message: MessageInfo, isRepeated: boolean): void {
    inFlight.delete(place);
    const ack = { key: `${name}-${place}`, message, isRepeated, connection: heard.length - 1 };
    acks.push(ack);
    acknowledged.add(place);
    onAck?.(ack);
    if (acknowledged.size === texts.length) {
      stop();
      done.resolve();
    }
  }

  function take(frame: Frame): void {
    if (frame.status === "joined") return pump();
    const place = Number.parseInt(frame.request_id ?? "", 10);
    if (frame.event === "new_message") {
      const message = frame.data as MessageInfo;
      const isRepeated = frame.request_id?.endsWith("again") ?? false;
      // The answer to a repeated key is not in its place in the order.
      if (!isRepeated) heard.at(-1)?.push(message.seq);
      if (!Number.isNaN(place)) acknowledge(place, message, isRepeated);
    }
    if (frame.error !== undefined) {
      refusals.push(String(frame.code));
      if (Number.isNaN(place)) return socket?.close();
      inFlight.delete(place);
      setTimeout(() => {
        waiting = [...waiting, place].toSorted((a, b) => a - b);
        pump();
      }, repeatMs);
    }
    pump();
  }

  function connect(): void {
    if (isStopped) return;
    const opened = new WebSocket(`${url().replace(/^http/, "ws")}/ws?token=${encodeURIComponent(token)}`);
    socket = opened;
    heard.push([]);
    opened.addEventListener("open", () =>
      opened.send(JSON.stringify({ action: "join_chat", chat_id: chatId, request_id: "join" })),
    );
    opened.addEventListener("message", (event) => take(JSON.parse(String(event.data)) as Frame));
    opened.addEventListener("close", ({ code }) => {
      closes.push(code);
      waiting = [...inFlight, ...waiting].toSorted((a, b) => a - b);
      inFlight = new Set();
      setTimeout(connect, reconnectMs);
    });
  }

  function stop(): void {
    isStopped = true;
    socket?.close();
  }

  connect();
  return { acks, heard, refusals, closes, done: done.promise, stop };
}
