import { describe, expect, test } from "bun:test";
import { Failure } from "../failure.ts";
import { createBatches } from "./batches.ts";

interface DeskOptions {
  maxBatch?: number;
  maxWaiting?: number;
  weigh?: (item: number) => number;
  pause?: () => Promise<void>;
}

/** A `run` whose batches end when the test says so. */
function createDesk({ maxBatch = 10, maxWaiting = 100, weigh, pause }: DeskOptions = {}) {
  const started: { items: readonly number[]; end: PromiseWithResolvers<number[]> }[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const batches = createBatches<number, number>({
    maxBatch,
    maxWaiting,
    ...(weigh && { weigh }),
    ...(pause && { pause }),
    async run(items) {
      const end = Promise.withResolvers<number[]>();
      started.push({ items, end });
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      try {
        return await end.promise;
      } finally {
        atOnce--;
      }
    },
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    batches,
    items: () => started.map((batch) => batch.items),
    mostAtOnce: () => mostAtOnce,
    async end(place: number, answer?: Error) {
      const batch = started[place]!;
      if (answer) batch.end.reject(answer);
      else batch.end.resolve(batch.items.map((item) => item * 10));
      await turn();
    },
  };
}

describe("gathering", () => {
  test("a lone item goes at once", () => {
    const desk = createDesk();
    void desk.batches.add(1);
    expect(desk.items()).toEqual([[1]]);
  });

  test("what arrives while a batch is under way goes together, in the order of arrival", async () => {
    const desk = createDesk();
    const answers = [1, 2, 3, 4].map((item) => desk.batches.add(item));
    expect(desk.items()).toEqual([[1]]);
    await desk.end(0);
    expect(desk.items()).toEqual([[1], [2, 3, 4]]);
    await desk.end(1);
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40]);
    expect(desk.mostAtOnce()).toBe(1);
  });

  test("a batch is never larger than it may be", async () => {
    const desk = createDesk({ maxBatch: 2 });
    const answers = [1, 2, 3, 4, 5, 6].map((item) => desk.batches.add(item));
    for (let place = 0; place < 4; place++) await desk.end(place);
    expect(desk.items()).toEqual([[1], [2, 3], [4, 5], [6]]);
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50, 60]);
  });

  test("a batch is never heavier than it may be, but for an item that is so by itself", async () => {
    const desk = createDesk({ maxBatch: 10, weigh: (item) => item });
    const all = [1, 4, 5, 2, 8, 11, 3].map((item) => desk.batches.add(item));
    for (let place = 0; place < 5; place++) await desk.end(place);
    await Promise.all(all);
    expect(desk.items()).toEqual([[1], [4, 5], [2, 8], [11], [3]]);
  });

  test("one more than may wait is refused as overloaded, and the others are done", async () => {
    const desk = createDesk({ maxWaiting: 2 });
    const answers = [1, 2, 3].map((item) => desk.batches.add(item));
    const refused = await desk.batches.add(4).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Failure);
    expect(refused).toMatchObject({ code: "overloaded" });
    await desk.end(0);
    await desk.end(1);
    expect(await Promise.all(answers)).toEqual([10, 20, 30]);
  });

  test("a failure of the database fails the whole batch once, and the next batch goes on", async () => {
    const desk = createDesk();
    const answers = [1, 2, 3].map((item) => desk.batches.add(item).catch((error: unknown) => error));
    await desk.end(0);
    await desk.end(1, new Failure("unavailable"));
    const [, second, third] = await Promise.all(answers);
    expect([second, third]).toEqual([
      expect.objectContaining({ code: "unavailable" }),
      expect.objectContaining({ code: "unavailable" }),
    ]);
    const later = desk.batches.add(4);
    await desk.end(2);
    expect(await later).toBe(40);
    expect(desk.items()).toEqual([[1], [2, 3], [4]]);
  });

  test("a fault that one item causes does not take the others of its batch with it", async () => {
    const desk = createDesk();
    const answers = [1, 2, 3].map((item) => desk.batches.add(item).catch((error: Error) => error.message));
    await desk.end(0);
    await desk.end(1, new Error("fault"));
    await desk.end(2, new Error("fault of 2"));
    await desk.end(3);
    expect(desk.items()).toEqual([[1], [2, 3], [2], [3]]);
    expect(await Promise.all(answers)).toEqual([10, "fault of 2", 30]);
  });

  test("what arrives while a batch gathers goes with it", async () => {
    const gathered = Promise.withResolvers<void>();
    const batches: (readonly number[])[] = [];
    const { add } = createBatches<number, number>({
      run(items) {
        batches.push(items);
        return Promise.resolve([...items]);
      },
      maxBatch: 10,
      maxWaiting: 10,
      gather: () => gathered.promise,
    });
    const answers = [add(1), add(2)];
    gathered.resolve();
    expect(await Promise.all(answers)).toEqual([1, 2]);
    expect(batches).toEqual([[1, 2]]);
  });

  test("a batch that follows another waits for more, the first one never", async () => {
    const paused = Promise.withResolvers<void>();
    const desk = createDesk({ pause: () => paused.promise });
    const answers = [desk.batches.add(1), desk.batches.add(2)];
    expect(desk.items()).toEqual([[1]]);
    await desk.end(0);
    answers.push(desk.batches.add(3));
    expect(desk.items()).toEqual([[1]]);
    paused.resolve();
    await desk.end(0);
    expect(desk.items()).toEqual([[1], [2, 3]]);
    await desk.end(1);
    expect(await Promise.all(answers)).toEqual([10, 20, 30]);
    void desk.batches.add(4);
    expect(desk.items().at(-1)).toEqual([4]);
  });
});
