import { describe, expect, test } from "bun:test";
import { feed, findAll, findRows, findSlice } from "./list-state.ts";
import { anna, noon, sampleEntry, sampleLog, sampleMessage } from "./sample-messages.ts";

const needs = { me: anna, changes: new Map(), unreadFrom: undefined };
const seqs = (rows: readonly { seq: number }[]) => rows.map(({ seq }) => seq);

describe("what is on its way", () => {
  const pending = [sampleEntry("a"), sampleEntry("b")];

  test("comes after the newest message", () => {
    const log = sampleLog(1, 3, { pending });
    const all = findAll(log);
    expect(all).toEqual({ first: 1, last: 5 });
    expect(seqs(findRows(log, { first: 2, last: 5 }, needs))).toEqual([2, 3, 4, 5]);
  });

  test("is all there is in an empty chat", () => {
    const log = sampleLog(1, 0, { pending });
    expect(findAll(log)).toEqual({ first: 1, last: 2 });
    expect(seqs(findRows(log, { first: 1, last: 2 }, needs))).toEqual([1, 2]);
  });

  test("is not shown where the newest message is not", () => {
    const log = sampleLog(1, 3, { pending, isAtEnd: false, endSeq: 90 });
    expect(findAll(log)).toEqual({ first: 1, last: 3 });
    expect(seqs(findRows(log, { first: 1, last: 3 }, needs))).toEqual([1, 2, 3]);
  });

  test("joins no group with a message that it does not follow", () => {
    const messages = [sampleMessage(3, { sender: anna, atMs: noon })];
    const log = sampleLog(3, 3, { messages, pending, isAtEnd: false, endSeq: 90 });
    expect(findRows(log, { first: 3, last: 3 }, needs)[0]?.isLast).toBe(true);
    expect(findRows({ ...log, isAtEnd: true, endSeq: 3 }, { first: 3, last: 5 }, needs)[0]?.isLast).toBe(
      false,
    );
  });

  test("keeps its key and its place when it is stored", () => {
    const before = findRows(sampleLog(1, 3, { pending: [sampleEntry("a")] }), { first: 1, last: 4 }, needs);
    const stored = sampleMessage(4, { sender: anna, idempotency_key: "a" });
    const log = sampleLog(1, 3);
    const after = findRows({ ...log, messages: [...log.messages, stored] }, { first: 1, last: 4 }, needs);
    expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
  });
});

describe("a slice", () => {
  const usual = { size: 150, target: undefined };
  const all = { first: 1, last: 400 };

  test("of an empty chat is none", () => {
    expect(findAll(sampleLog(1, 0))).toBeUndefined();
    expect(findSlice(undefined, undefined, usual)).toBeUndefined();
  });

  test("of whoever wants no place in particular is the end, whatever comes", () => {
    expect(findSlice(undefined, all, usual)).toEqual({ first: 251, last: 400 });
    expect(findSlice({ first: 3, last: 90 }, all, usual)).toEqual({ first: 3, last: 90 });
  });

  test("begins with what fills a screen, around what is to be shown", () => {
    const target = { kind: "unread", seq: 200 } as const;
    expect(findSlice(undefined, all, { size: 25, target })).toEqual({ first: 175, last: 224 });
    expect(findSlice(undefined, all, { size: 100, target })).toEqual({ first: 125, last: 274 });
    expect(findSlice(undefined, all, { size: 50, target: { kind: "end" } })).toEqual({
      first: 351,
      last: 400,
    });
  });
});

describe("a log is fed", () => {
  const slice = { first: 900, last: 1000 };

  function prepare(log: ReturnType<typeof sampleLog>) {
    const asked: unknown[] = [];
    const ask = (name: string) => () => Promise.resolve(void asked.push(name));
    feed(
      {
        get: () => log,
        loadOlder: ask("older"),
        loadNewer: ask("newer"),
        trim: (range) => asked.push(range),
      },
      slice,
    );
    return asked;
  }

  test("before the reader comes to its edge", () => {
    expect(prepare(sampleLog(850, 1050, { isAtEnd: false }))).toEqual(["older", "newer"]);
    expect(prepare(sampleLog(600, 1050))).toEqual([]);
  });

  test("and loses what is far away", () => {
    expect(prepare(sampleLog(400, 1050))).toEqual([{ first: 600, last: 1300 }]);
  });
});
