import { afterEach, expect, test } from "bun:test";
import { createBacklog, type Backlog } from "./backlog.ts";

interface Reader {
  waits: number;
  getBufferedAmount(): number;
}

const kept: Backlog<Reader>[] = [];
afterEach(() => kept.splice(0).forEach((backlog) => backlog[Symbol.dispose]()));

function withReaders(...waits: number[]) {
  const backlog = createBacklog<Reader>(1000);
  kept.push(backlog);
  const readers = waits.map((waiting) => ({
    waits: waiting,
    getBufferedAmount() {
      return this.waits;
    },
  }));
  for (const reader of readers) backlog.add(reader);
  return { backlog, readers };
}

const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("after enough bytes for enough readers, what waits is summed up, and the slowest is known", async () => {
  const { backlog } = withReaders(0, 300, 70);
  expect(backlog.waiting).toEqual({ bytes: 0, maxBytes: 0 });
  backlog.published(1000, 12);
  await endOfTurn();
  expect(backlog.waiting).toEqual({ bytes: 370, maxBytes: 300 });
});

test("few bytes, or few deliveries compared with the readers, are no reason to look", async () => {
  const { backlog } = withReaders(300, 0);
  backlog.published(999, 100);
  await endOfTurn();
  expect(backlog.waiting.bytes).toBe(0);
  backlog.published(1, 1);
  await endOfTurn();
  expect(backlog.waiting.bytes).toBe(300);
  backlog.published(5000, 7);
  await endOfTurn();
  expect(backlog.waiting.bytes).toBe(300);
});

test("who was behind when last looked at is told of when it goes, and nobody else", async () => {
  const { backlog, readers } = withReaders(10, 10, 0);
  const [slow, recovered, quick] = readers as [Reader, Reader, Reader];
  backlog.published(1000, 12);
  await endOfTurn();
  recovered.waits = 0;
  backlog.published(1000, 12);
  await endOfTurn();
  expect([slow, recovered, quick].map(backlog.remove)).toEqual([true, false, false]);
  backlog.fellBehind(slow);
  expect(backlog.remove(slow)).toBe(false);
});

test("who did not take a frame at once is behind without a look", () => {
  const { backlog, readers } = withReaders(10);
  const [reader] = readers as [Reader];
  backlog.fellBehind(reader);
  expect(backlog.remove(reader)).toBe(true);
});
