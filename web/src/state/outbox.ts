// Messages on their way: kept until the server has acknowledged them, in order within a chat, each under one key.
import type { ErrorCode, errors } from "@windi/protocol";
import type { Clock } from "../clock.ts";
import { backoffMs } from "../wire/backoff.ts";

type Errors = typeof errors;
type RetryableCode = {
  [Code in ErrorCode]: Errors[Code]["retryable"] extends true ? Code : never;
}[ErrorCode];

/** Refusals after which the same message, under the same key, may still get through. */
const retryable = {
  rate_limited: true,
  internal: true,
  overloaded: true,
  draining: true,
  unavailable: true,
  storage_full: true,
} as const satisfies Record<RetryableCode, true>;

export interface PendingMessage {
  /** The idempotency key. */
  readonly key: string;
  readonly text: string;
  /** When it was written, in milliseconds since 1970. */
  readonly writtenAt: number;
  readonly state: "waiting" | "in_flight" | "failed";
  readonly failure: ErrorCode | undefined;
}

type Entry = { -readonly [Key in keyof PendingMessage]: PendingMessage[Key] } & {
  /** Ends the wait for an answer. */
  settle: () => void;
};

interface OutboxNeeds {
  clock: Clock;
  newKey: () => string;
  /** Puts a message on the wire; false when that is not possible now. */
  transmit: (chatId: string, message: PendingMessage) => boolean;
  /** A message was sent and nothing came back: the connection is not to be trusted. */
  onSilence: () => void;
  onChange: () => void;
}

const answerTimeoutMs = 15_000;

export function createOutbox({ clock, newKey, transmit, onSilence, onChange }: OutboxNeeds) {
  const chats = new Map<string, Entry[]>();
  let refusals = 0;

  const entries = (chatId: string) => chats.get(chatId) ?? [];

  /** Sends the oldest message of the chat that waits, unless one is under way: so the order stays. */
  function flush(chatId: string): void {
    const queue = entries(chatId);
    if (queue.some((entry) => entry.state === "in_flight")) return;
    const next = queue.find((entry) => entry.state === "waiting");
    if (!next || !transmit(chatId, next)) return;
    next.state = "in_flight";
    next.settle = clock.later(answerTimeoutMs, onSilence);
  }

  function drop(chatId: string, key: string): boolean {
    const queue = entries(chatId);
    const rest = queue.filter((entry) => entry.key !== key);
    queue.find((entry) => entry.key === key)?.settle();
    if (rest.length === 0) chats.delete(chatId);
    else chats.set(chatId, rest);
    return rest.length < queue.length;
  }

  function refuse(chatId: string, entry: Entry, code: ErrorCode, pauseMs: number): void {
    entry.settle();
    if (code in retryable) {
      entry.state = "waiting";
      // The pause keeps a jitter that fell on zero from hammering a server that asks for calm.
      clock.later(pauseMs + backoffMs(refusals++, clock.random), () => flush(chatId));
    } else {
      entry.state = "failed";
      entry.failure = code;
      flush(chatId);
    }
    onChange();
  }

  return {
    pending: (chatId: string): readonly PendingMessage[] => entries(chatId),
    isEmpty: () => chats.size === 0,
    flush,
    add(chatId: string, text: string): void {
      const entry: Entry = {
        key: newKey(),
        text,
        writtenAt: clock.now(),
        state: "waiting",
        failure: undefined,
        settle: () => {},
      };
      chats.set(chatId, [...entries(chatId), entry]);
      flush(chatId);
      onChange();
    },
    /** The server has stored the message with this key. */
    acknowledge(chatId: string, key: string): void {
      if (!drop(chatId, key)) return;
      refusals = 0;
      flush(chatId);
      onChange();
    },
    /** The server refused the message with this key. */
    refuse(key: string, code: ErrorCode, pauseMs = 500): void {
      for (const [chatId, queue] of chats) {
        const entry = queue.find((candidate) => candidate.key === key && candidate.state === "in_flight");
        if (entry) return refuse(chatId, entry, code, pauseMs);
      }
    },
    /** What was under way may or may not have arrived: it goes again, under the same key. */
    connectionLost(): void {
      for (const queue of chats.values()) {
        for (const entry of queue) {
          if (entry.state !== "in_flight") continue;
          entry.settle();
          entry.state = "waiting";
        }
      }
    },
    retry(chatId: string, key: string): void {
      const entry = entries(chatId).find(
        (candidate) => candidate.key === key && candidate.state === "failed",
      );
      if (!entry) return;
      entry.state = "waiting";
      entry.failure = undefined;
      flush(chatId);
      onChange();
    },
    discard(chatId: string, key: string): void {
      drop(chatId, key);
      onChange();
    },
    /** A chat that is gone takes its messages with it. */
    forget(chatId: string): void {
      for (const entry of entries(chatId)) entry.settle();
      chats.delete(chatId);
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;
