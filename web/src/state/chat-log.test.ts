import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createChatLog } from "./chat-log.ts";
import { anna, boris, message } from "./sample.ts";

const page = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index, anna));
const seqs = (log: ReturnType<typeof createChatLog>) => log.messages.map(({ seq }) => seq);

test("messages stand by seq, whatever order they came in", () => {
  const log = createChatLog();
  log.merge([message(7, anna)]);
  log.merge(page(4, 6));
  log.merge([message(8, boris), message(5, anna)]);
  expect(seqs(log)).toEqual([4, 5, 6, 7, 8]);
});

test("a message that comes twice is there once", () => {
  const log = createChatLog();
  log.merge(page(1, 3));
  log.merge(page(2, 3));
  expect(log.messages).toHaveLength(3);
});

describe("the end of what is known", () => {
  test("is the last message before a hole", () => {
    const log = createChatLog();
    expect([log.endSeq(), log.hasGap()]).toEqual([0, false]);
    log.merge(page(1, 3));
    log.merge([message(6, anna)]);
    expect([log.endSeq(), log.hasGap()]).toEqual([3, true]);
    log.merge(page(4, 5));
    expect([log.endSeq(), log.hasGap()]).toEqual([6, false]);
  });

  test("does not move when older messages come", () => {
    const log = createChatLog();
    log.merge(page(51, 60));
    log.merge(page(1, 50));
    expect([log.firstSeq(), log.endSeq()]).toEqual([1, 60]);
  });

  test("begins again with a restart", () => {
    const log = createChatLog();
    log.merge(page(1, 3));
    log.restart(page(900, 950));
    expect([log.firstSeq(), log.endSeq(), log.find("message 1")]).toEqual([900, 950, undefined]);
  });
});

test("an answer that was overtaken does not bring an older version back", () => {
  const log = createChatLog();
  log.merge([message(1, anna, { version: 9, text: "Newer" })]);
  log.merge([message(1, anna, { version: 1, text: "Older" })]);
  expect(log.find("message 1")?.text).toBe("Newer");
});

test("a message that is read stays read", () => {
  const log = createChatLog();
  log.merge([message(1, anna, { is_read: true, read_at: "2025-11-22T12:00:00.000Z" })]);
  log.merge([message(1, anna)]);
  expect(log.messages[0]).toMatchObject({ is_read: true, read_at: "2025-11-22T12:00:00.000Z" });
});

test("any pieces in any order give each message once, in order, with the right end", () => {
  const piece = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 10 }));
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 20 }), (pieces) => {
      const log = createChatLog();
      const known = new Set<number>();
      for (const [from, more] of pieces) {
        // A page from before what is here always reaches it, as the server's pages do.
        const to = Math.max(from + more, (log.firstSeq() ?? 0) - 1);
        log.merge(page(from, to));
        for (let seq = from; seq <= to; seq++) known.add(seq);
        const sorted = [...known].toSorted((one, other) => one - other);
        expect(seqs(log)).toEqual(sorted);
        let end = sorted[0] ?? 0;
        while (known.has(end + 1)) end++;
        expect(log.endSeq()).toBe(end);
      }
    }),
  );
});
