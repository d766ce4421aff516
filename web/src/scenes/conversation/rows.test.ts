import { describe, expect, test } from "bun:test";
import { buildRows, keepSame, rowOfEntry, rowOfMessage, splitDays } from "./rows.ts";
import { anna, noon, sampleEntry, sampleMessage } from "./sample-messages.ts";

const all = { first: 1, last: 1000 };
const rowsOf = (messages: ReturnType<typeof sampleMessage>[], unreadFrom?: number) =>
  buildRows(
    messages.map((message) => rowOfMessage(message, anna.id)),
    all,
    unreadFrom,
  );

describe("a row", () => {
  test("of one's own message is the same before and after it is stored", () => {
    const entry = rowOfEntry(sampleEntry("k"), 7, anna);
    const stored = rowOfMessage(sampleMessage(7, { sender: anna, idempotency_key: "k" }), anna.id);
    expect(stored.key).toBe(entry.key);
    expect(stored.state).toBe("sent");
    expect(entry.state).toBe("queued");
  });

  test("of somebody else's goes by the id, as their keys may be any", () => {
    const theirs = rowOfMessage(sampleMessage(7, { idempotency_key: "k" }), anna.id);
    expect(theirs.key).toBe("m7");
    expect(theirs.state).toBeUndefined();
  });

  test("of a deleted message is not edited too", () => {
    const at = new Date(noon).toISOString();
    const row = rowOfMessage(sampleMessage(1, { edited_at: at, deleted_at: at }), anna.id);
    expect([row.isEdited, row.isDeleted]).toEqual([false, true]);
  });
});

describe("a group", () => {
  const edges = (rows: ReturnType<typeof rowsOf>) => rows.map(({ isFirst, isLast }) => [isFirst, isLast]);

  test("is of one author within five minutes from message to message", () => {
    const messages = [
      sampleMessage(1, { atMs: noon }),
      sampleMessage(2, { atMs: noon + 299_000 }),
      sampleMessage(3, { atMs: noon + 599_000 }),
    ];
    expect(edges(rowsOf(messages))).toEqual([
      [true, false],
      [false, true],
      [true, true],
    ]);
  });

  test("ends where somebody else writes", () => {
    expect(edges(rowsOf([sampleMessage(1), sampleMessage(2, { sender: anna })]))).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  test("ends at the unread line", () => {
    const rows = rowsOf([sampleMessage(1), sampleMessage(2)], 2);
    expect(edges(rows)).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(rows.map(({ isUnreadStart }) => isUnreadStart)).toEqual([false, true]);
  });

  test("ends at midnight", () => {
    const midnight = new Date(2026, 0, 16).getTime();
    const rows = rowsOf([sampleMessage(1, { atMs: midnight - 1000 }), sampleMessage(2, { atMs: midnight })]);
    expect(edges(rows)[1]).toEqual([true, true]);
    expect(splitDays(rows).map(({ rows: { length } }) => length)).toEqual([1, 1]);
  });

  test("goes on beyond what is shown", () => {
    const contents = [1, 2, 3].map((seq) => rowOfMessage(sampleMessage(seq), anna.id));
    const [row, ...rest] = buildRows(contents, { first: 2, last: 2 }, undefined);
    expect(rest).toEqual([]);
    expect([row?.isFirst, row?.isLast]).toEqual([false, false]);
  });
});

test("a clock that goes back makes no second day of one name", () => {
  const day = 86_400_000;
  const rows = rowsOf([
    sampleMessage(1, { atMs: noon + day }),
    sampleMessage(2, { atMs: noon }),
    sampleMessage(3, { atMs: noon + day }),
  ]);
  expect(splitDays(rows)).toHaveLength(1);
});

test("rows that did not change stay the same objects", () => {
  const messages = [sampleMessage(1), sampleMessage(2)] as const;
  const before = rowsOf([...messages]);
  const changed = rowsOf([messages[0], { ...messages[1], text: "Another" }]);
  const kept = keepSame(changed, new Map(before.map((row) => [row.key, row])));
  expect(kept[0]).toBe(before[0] as (typeof before)[number]);
  expect(kept[1]?.text).toBe("Another");
});
