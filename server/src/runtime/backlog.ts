// What waits for slow readers: looked at now and then, since to ask after each delivery would cost too much.

interface Reader {
  getBufferedAmount(): number;
}

export interface Backlog<R extends Reader> extends Disposable {
  add(reader: R): void;
  /** @returns whether it was behind, as far as is known */
  remove(reader: R): boolean;
  /** A frame for this one had to wait. */
  fellBehind(reader: R): void;
  /** A frame of so many bytes goes out to so many readers. */
  published(bytes: number, readers: number): void;
  /** What waits for all of them, and for the slowest of them, as it was half a second ago or later. */
  readonly waiting: { bytes: number; maxBytes: number };
}

const intervalMs = 500;
/** To look at a reader costs a tenth of a delivery to it, so looking adds some hundredths to the cost of delivering. */
const deliveriesPerLook = 4;

/** @param maxWaitingBytes what may wait for a reader: who stops reading must be seen before that is full */
export function createBacklog<R extends Reader>(maxWaitingBytes: number): Backlog<R> {
  const soonAfterBytes = maxWaitingBytes / 4;
  const all = new Set<R>();
  const behind = new Set<R>();
  let waiting = { bytes: 0, maxBytes: 0 };
  let unseenBytes = 0;
  let unseenDeliveries = 0;
  let isSoon = false;

  function look(): void {
    isSoon = false;
    unseenBytes = 0;
    unseenDeliveries = 0;
    waiting = { bytes: 0, maxBytes: 0 };
    for (const reader of all) {
      const bytes = reader.getBufferedAmount();
      if (bytes === 0) {
        behind.delete(reader);
        continue;
      }
      behind.add(reader);
      waiting.bytes += bytes;
      waiting.maxBytes = Math.max(waiting.maxBytes, bytes);
    }
  }

  const timer = setInterval(look, intervalMs);
  timer.unref();

  return {
    add: (reader) => void all.add(reader),
    remove(reader) {
      all.delete(reader);
      // What is published at once can be too much for a reader for which nothing waited before.
      const wasTooMuch = isSoon && unseenBytes >= maxWaitingBytes;
      return behind.delete(reader) || wasTooMuch;
    },
    fellBehind(reader) {
      if (all.has(reader)) behind.add(reader);
    },
    published(bytes, readers) {
      unseenBytes += bytes;
      unseenDeliveries += readers;
      if (isSoon || unseenBytes < soonAfterBytes || unseenDeliveries < deliveriesPerLook * all.size) return;
      isSoon = true;
      // What is published in this turn of the event loop reaches the sockets after it.
      setTimeout(look);
    },
    get waiting() {
      return waiting;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
