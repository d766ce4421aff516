// Gathering: what arrives while a batch is under way goes out together as the next one. A lone item never waits.
import { Failure } from "../failure.ts";

interface BatchesNeeds<Item, Result> {
  /** Does all of a batch at once and answers in its order. Never two at a time. */
  run(items: readonly Item[]): Promise<Result[]>;
  /** Greatest number of items in a batch, or their greatest weight. */
  maxBatch: number;
  /** What an item counts for in its batch; 1 if nothing is said. */
  weigh?(item: Item): number;
  /** How many may wait before the next is refused as `overloaded`. */
  maxWaiting: number;
  /** Passes before each batch: what arrives until then goes with it. */
  gather?(): Promise<void>;
  /** Passes before a batch that follows another: what comes one by one, in a stream, then shares some. */
  pause?(): Promise<void>;
  onBatch?(size: number): void;
}

export interface Batches<Item, Result> {
  add(item: Item): Promise<Result>;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

export function createBatches<Item, Result>({
  run,
  maxBatch,
  weigh = () => 1,
  maxWaiting,
  gather,
  pause,
  onBatch,
}: BatchesNeeds<Item, Result>) {
  let waiting: Waiting<Item, Result>[] = [];
  let isRunning = false;

  async function runOne(batch: Waiting<Item, Result>[]) {
    try {
      const results = await run(batch.map((entry) => entry.item));
      batch.forEach((entry, place) => entry.resolve(results[place] as Result));
    } catch (error) {
      if (batch.length === 1 || error instanceof Failure) {
        for (const entry of batch) entry.reject(error);
        return;
      }
      // A fault that only one of them causes must not take the others with it.
      for (const entry of batch) await runOne([entry]);
    }
  }

  /** How many of those who wait go together; at least one, whatever it weighs. */
  function countWithin(most: number): number {
    let weight = 0;
    const beyond = waiting.findIndex(({ item }, place) => (weight += weigh(item)) > most && place > 0);
    return beyond < 0 ? waiting.length : beyond;
  }

  async function runAll() {
    isRunning = true;
    for (let isFirst = true; waiting.length > 0; isFirst = false) {
      if (gather) await gather();
      if (pause && !isFirst) await pause();
      const count = countWithin(maxBatch);
      const batch = waiting.slice(0, count);
      waiting = waiting.slice(count);
      onBatch?.(batch.length);
      await runOne(batch);
    }
    isRunning = false;
  }

  const batches: Batches<Item, Result> = {
    add(item) {
      if (waiting.length >= maxWaiting) {
        return Promise.reject(new Failure("overloaded", { retryAfterSeconds: 1 }));
      }
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (!isRunning) void runAll();
      });
    },
  };
  return batches;
}
