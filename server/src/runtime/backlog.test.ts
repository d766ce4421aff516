import { afterEach, expect, test } from "bun:test";
import { createBacklog, type Backlog } from "./backlog.ts";

interface Reader {
  waits: number;
  getBufferedAmount(): number;
}

const kept: Backlog<Reader>[] = [];
afterEach(() => kept.splice(0).forEach((backlog) => backlog[Symbol.dispose]()));

function withReaders(...waits: number[]) {
  const backlog = createBacklog<Reader>(4000);
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

const nextLook = () => new Promise<void>((resolve) => setTimeout(resolve));

test("after enough bytes for enough readers, what waits is summed up, and the slowest is known", async () => {
  const { backlog } = withReaders(0, 300, 70);
  expect(backlog.waiting).toEqual({ bytes: 0, maxBytes: 0 });
  backlog.published(1000, 12);
  await nextLook();
  expect(backlog.waiting).toEqual({ bytes: 370, maxBytes: 300 });
});

test("few bytes, or few deliveries compared with the readers, are no reason to look", async () => {
  const { backlog } = withReaders(300, 0);
  backlog.published(999, 100);
  await nextLook();
  expect(backlog.waiting.bytes).toBe(0);
  backlog.published(1, 1);
  await nextLook();
  expect(backlog.waiting.bytes).toBe(300);
  backlog.published(5000, 7);
  await nextLook();
  expect(backlog.waiting.bytes).toBe(300);
});

test("who was behind when last looked at is told of when it goes, and nobody else", async () => {
  const { backlog, readers } = withReaders(10, 10, 0);
  const [slow, recovered, quick] = readers as [Reader, Reader, Reader];
  backlog.published(1000, 12);
  await nextLook();
  recovered.waits = 0;
  backlog.published(1000, 12);
  await nextLook();
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

test("whoever goes right after more was published than may wait for it counts as behind", async () => {
  const { backlog, readers } = withReaders(0, 0, 0);
  const [first, second, third] = readers as [Reader, Reader, Reader];
  backlog.published(3999, 12);
  expect(backlog.remove(first)).toBe(false);
  backlog.published(1, 1);
  expect(backlog.remove(second)).toBe(true);
  await nextLook();
  expect(backlog.remove(third)).toBe(false);
});
