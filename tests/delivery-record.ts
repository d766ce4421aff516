// What happened between clients and a server, and what must be true of it, whatever the order of things was.
import { expect } from "bun:test";
import type { MessageInfo } from "@windi/protocol";
import type { TestSocket } from "./socket.ts";

/** From a tick of the record's clock to another; what has not ended yet ends at infinity. */
interface Span {
  from: number;
  to: number;
}

export interface Attempt extends Span {
  chatId: string;
  userId: string;
}

export interface SendAttempt extends Attempt {
  /** No two attempts have the same, so that it tells which of several with one key was stored. */
  text: string;
  key: string | null;
  /** What was acknowledged; undefined when it was refused. */
  message?: MessageInfo;
  /** The connection ended before there was an answer. */
  isUnknown: boolean;
}

export interface ReadAttempt extends Attempt {
  messageId: string;
  seq: number;
  isDone: boolean;
  isUnknown: boolean;
}

/** A change of who is in a chat, from its request to its answer. */
export interface MembershipChange extends Attempt {
  isIn: boolean;
}

export interface Listener {
  userId: string;
  socket: TestSocket;
  /** When it heard which chat: from the answer to its join to the request to leave. */
  joins: (Span & { chatId: string })[];
  isOpen: boolean;
}

export interface DeliveryRecord {
  tick(): number;
  readonly sends: SendAttempt[];
  readonly reads: ReadAttempt[];
  readonly changes: MembershipChange[];
  readonly listeners: Listener[];
  readonly deleted: Set<string>;
}

export function createRecord(): DeliveryRecord {
  let now = 0;
  const tick = () => ++now;
  return { tick, sends: [], reads: [], changes: [], listeners: [], deleted: new Set() };
}

/** Whether somebody surely was in the chat, or surely was not, all the time; undefined if it changed meanwhile. */
export function wasMember(
  { changes }: DeliveryRecord,
  { chatId, userId, from, to }: Attempt,
): boolean | undefined {
  const own = changes.filter((change) => change.chatId === chatId && change.userId === userId);
  if (own.some((change) => change.from < to && change.to > from)) return undefined;
  const before = own.filter((change) => change.to <= from).toSorted((a, b) => a.to - b.to);
  const last = before.at(-1);
  // Of two changes at the same time, nobody knows which came last.
  const isCertain = before.every((change) => change.to < (last?.from ?? 0) || change.isIn === last?.isIn);
  return isCertain ? (last?.isIn ?? false) : undefined;
}

const isDone = (send: SendAttempt): send is SendAttempt & { message: MessageInfo } =>
  send.message !== undefined;

/** Members were let through, and nobody else. */
export function checkAccess(record: DeliveryRecord): void {
  for (const send of record.sends.filter((one) => !one.isUnknown)) {
    const isExpected = wasMember(record, send);
    if (isExpected !== undefined) expect(isDone(send)).toBe(isExpected);
  }
  for (const read of record.reads.filter((one) => !one.isUnknown)) {
    const isExpected = wasMember(record, read);
    if (isExpected !== undefined) expect(read.isDone).toBe(isExpected);
  }
}

/** The log holds every acknowledged send once, a repeated key once, and nothing that nobody sent. */
export function checkLog(record: DeliveryRecord, chatId: string, log: readonly MessageInfo[]): void {
  expect(log.map((message) => message.seq)).toEqual(log.map((_, place) => place + 1));
  expect(new Set(log.map((message) => message.id)).size).toBe(log.length);
  const sends = record.sends.filter((send) => send.chatId === chatId);
  for (const { message, key, userId } of sends.filter(isDone)) {
    const stored = log[message.seq - 1];
    expect(stored).toMatchObject({ id: message.id, text: message.text, sender: { id: userId } });
    if (key !== null) expect(stored?.idempotency_key).toBe(key);
  }
  const keys = log.flatMap(({ idempotency_key, sender }) =>
    idempotency_key === null ? [] : [`${sender.id} ${idempotency_key}`],
  );
  expect(new Set(keys).size).toBe(keys.length);
  const texts = new Set(sends.map((send) => `${send.userId} ${send.text}`));
  expect(log.filter((message) => !texts.has(`${message.sender.id} ${message.text}`))).toEqual([]);
  const keyless = sends.filter((send) => send.key === null && (isDone(send) || send.isUnknown));
  const stored = new Set(log.map((message) => message.text));
  expect(keyless.filter((send) => isDone(send) && !stored.has(send.text))).toEqual([]);
  const extra = log.filter((message) => message.idempotency_key === null).length;
  expect(extra).toBe(keyless.filter((send) => stored.has(send.text)).length);
}

/**
 * A message is read when somebody but its sender has read it or a later one. Whoever came in after it begins beyond it:
 * that they read it moves nothing.
 */
export function checkReads(record: DeliveryRecord, chatId: string, log: readonly MessageInfo[]): void {
  const reads = record.reads.filter((read) => read.chatId === chatId && (read.isDone || read.isUnknown));
  const entries = record.changes.filter((change) => change.chatId === chatId && change.isIn);
  for (const message of log) {
    const own = reads.filter((read) => read.userId !== message.sender.id && read.seq >= message.seq);
    const sent = record.sends.find((send) => send.chatId === chatId && send.text === message.text);
    const wasThere = (read: ReadAttempt) =>
      entries.every(
        ({ userId, from, to }) => userId !== read.userId || from > read.to || to < (sent?.from ?? 0),
      );
    const isRead = own.some((read) => read.isDone && wasThere(read));
    if (!isRead && own.length > 0) continue;
    expect({ seq: message.seq, is_read: message.is_read }).toEqual({ seq: message.seq, is_read: isRead });
    expect(message.read_at !== null).toBe(isRead);
  }
}

/** Each connection hears a chat in its order, all of it while it is joined, and nothing while its user is out. */
export function checkHearing(record: DeliveryRecord, listener: Listener, chatIds: readonly string[]): void {
  for (const chatId of chatIds) {
    const { userId } = listener;
    const stored = record.sends.filter(
      (send) => send.chatId === chatId && isDone(send) && send.message.text === send.text,
    );
    const frames = listener.socket.frames.filter(
      (frame) => frame.event === "new_message" && frame.data?.chat_id === chatId,
    );
    // The answer to a repeated key is not in its place in the order.
    const uses = new Map<string | null, number>();
    for (const { key } of record.sends) uses.set(key, (uses.get(key) ?? 0) + 1);
    const inOrder = frames.filter(
      ({ request_id, data }) =>
        request_id === undefined || data.idempotency_key === null || uses.get(data.idempotency_key) === 1,
    );
    const seqs = inOrder.map((frame) => frame.data.seq as number);
    expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));

    const heard = new Set(frames.map((frame) => frame.data.text as string));
    const out = stored.filter((send) => wasMember(record, { ...send, userId }) === false);
    expect(out.filter((send) => heard.has(send.text))).toEqual([]);
    const due = stored.filter((send) =>
      listener.joins.some(
        (join) =>
          join.chatId === chatId &&
          join.from < send.from &&
          join.to > send.to &&
          wasMember(record, { chatId, userId, from: join.from, to: send.to }) === true,
      ),
    );
    expect(due.filter((send) => !heard.has(send.text))).toEqual([]);
  }
}
