// Sending everyone away without haste: in slices, and each connection when its frames are done, so that they come back
// to other processes one after the other.
import type { Connection } from "./connection.ts";

/** Which connections have frames that are being handled, and which may start no more. */
export interface Frames {
  /** @param work handles a frame of this connection, and answers it */
  track<T>(connection: Connection, work: Promise<T>): Promise<T>;
  /** Whether the connection is about to be closed: further frames of it are refused. */
  isLeaving(connection: Connection): boolean;
}

export interface Drain extends Frames {
  /**
   * Tells each connection to come back, and ends it.
   * @param withinMs after so long all is over, also for frames that hang and for clients that never read
   * @returns how many frames were left unfinished
   */
  sendAllAway(withinMs: number): Promise<number>;
}

interface DrainNeeds {
  /** The connections that are open at the moment. */
  all(): Iterable<Connection>;
  /** Milliseconds since any moment. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
  sleep(ms: number): Promise<void>;
}

/** As many as one other process takes by default (`HANDSHAKES_PER_SECOND`). */
const connectionsPerSecond = 1000;
const sliceMs = 50;
const maxWindowMs = 5000;
/** Those of one slice who subscribed come back within so long of each other. */
const spreadMs = 500;
/** A frame that takes longer hangs. */
const maxFrameMs = 3000;
/** The last bytes, and the answer to the close, of those who read. */
const maxPartingMs = 1000;
const lookMs = 20;

export function createDrain({ all, now, random, sleep }: DrainNeeds): Drain {
  /** How many frames of whom are being handled, and who waits for the last of them. */
  const busy = new Map<Connection, number>();
  const waiting = new Map<Connection, () => void>();
  const leaving = new WeakSet<Connection>();

  function finished(connection: Connection): void {
    const left = (busy.get(connection) ?? 1) - 1;
    if (left > 0) {
      busy.set(connection, left);
    } else {
      busy.delete(connection);
      waiting.get(connection)?.();
    }
  }

  function idle(connection: Connection, timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    waiting.set(connection, () => {
      clearTimeout(timer);
      resolve();
    });
    return promise;
  }

  async function leave(connection: Connection, withinMs: number): Promise<number> {
    leaving.add(connection);
    if (busy.has(connection)) await idle(connection, Math.min(withinMs, maxFrameMs));
    const unfinished = busy.get(connection) ?? 0;
    if (connection.isSubscribed)
      connection.answer({ event: "come_back", after_ms: Math.floor(random() * spreadMs) });
    connection.close("restarting");
    return unfinished;
  }

  /** Who has nothing under way goes first: the others' answers are on their way. */
  function inSlices(): Connection[][] {
    const order = [...all()].toSorted((a, b) => Number(busy.has(a)) - Number(busy.has(b)));
    const perSlice = (connectionsPerSecond * sliceMs) / 1000;
    const count = Math.min(Math.ceil(order.length / perSlice), maxWindowMs / sliceMs);
    return Array.from({ length: count }, (_, i) =>
      order.slice(Math.ceil((order.length * i) / count), Math.ceil((order.length * (i + 1)) / count)),
    );
  }

  return {
    async track(connection, work) {
      busy.set(connection, (busy.get(connection) ?? 0) + 1);
      try {
        return await work;
      } finally {
        finished(connection);
      }
    },
    isLeaving: (connection) => leaving.has(connection),
    async sendAllAway(withinMs) {
      const startedAt = now();
      const leftMs = () => Math.max(0, startedAt + withinMs - now());
      const departures: Promise<number>[] = [];
      for (const [i, slice] of inSlices().entries()) {
        if (i > 0) await sleep(startedAt + i * sliceMs - now());
        for (const connection of slice) departures.push(leave(connection, leftMs()));
      }
      // Who was being let in when this began.
      for (const connection of all())
        if (!leaving.has(connection)) departures.push(leave(connection, leftMs()));
      const unfinished = await Promise.all(departures);
      const partingEnd = now() + Math.min(leftMs(), maxPartingMs);
      while (!isEmpty(all()) && now() < partingEnd) await sleep(lookMs);
      return unfinished.reduce((sum, count) => sum + count, 0);
    },
  };
}

const isEmpty = (values: Iterable<unknown>) => values[Symbol.iterator]().next().done === true;
