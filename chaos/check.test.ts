import { describe, expect, test } from "bun:test";
import { check, type Evidence } from "./check.ts";
import type { Seen, SendRecord } from "./history.ts";

const seen = (seq: number, more: Partial<Seen> = {}): Seen => ({
  id: `id ${seq}`,
  seq,
  version: seq,
  text: `text ${seq}`,
  key: `key ${seq}`,
  senderId: "alice",
  isDeleted: false,
  ...more,
});

const sent = (seq: number, more: Partial<SendRecord> = {}): SendRecord => ({
  client: "phone",
  userId: "alice",
  chatId: "c",
  key: `key ${seq}`,
  text: `text ${seq}`,
  outcome: "acknowledged",
  ...more,
});

const log = [seen(1), seen(2), seen(3)];
const well: Evidence = {
  sends: [sent(1), sent(2), sent(3)],
  changes: [],
  logs: new Map([["c", log]]),
  views: [{ client: "phone", chatId: "c", messages: log.slice(1) }],
};
const found = (more: Partial<Evidence>) => check({ ...well, ...more }).map((finding) => finding.check);
const withLog = (...messages: Seen[]) => ({ logs: new Map([["c", messages]]), views: [] });

describe("after a run", () => {
  test("all is well when every send is there once and every client sees the same", () => {
    expect(found({})).toEqual([]);
    expect(found({ sends: [sent(1), sent(2), sent(3, { outcome: "unknown" })] })).toEqual([]);
    expect(
      found({ sends: [...well.sends, sent(4, { outcome: "unknown" }), sent(5, { outcome: "refused" })] }),
    ).toEqual([]);
  });

  const findings: [string, string, Partial<Evidence>][] = [
    ["an acknowledged send that is not there", "lost", { sends: [...well.sends, sent(4)] }],
    ["a send that is somebody else's", "wrong", { sends: [sent(1), sent(2), sent(3, { userId: "bob" })] }],
    ["a message that nobody sent", "unexpected", { sends: [sent(1), sent(2)] }],
    [
      "a message that was refused",
      "unexpected",
      { sends: [sent(1), sent(2), sent(3, { outcome: "refused" })] },
    ],
    ["a key that is there twice", "duplicate", withLog(...log, seen(4, { key: "key 3" }))],
    ["a hole", "gap", withLog(seen(1), seen(2), seen(4, { id: "id 3", key: "key 3" }))],
    ["a version that two messages have", "gap", withLog(seen(1), seen(2), seen(3, { version: 2 }))],
    [
      "a client that shows another text",
      "divergent",
      { views: [{ client: "phone", chatId: "c", messages: [seen(2), seen(3, { text: "old" })] }] },
    ],
    [
      "a client that misses the end",
      "divergent",
      { views: [{ client: "phone", chatId: "c", messages: [seen(1), seen(2)] }] },
    ],
    ["a client that shows nothing", "divergent", { views: [{ client: "phone", chatId: "c", messages: [] }] }],
    [
      "an edit that is not there",
      "wrong",
      { changes: [{ chatId: "c", seq: 2, text: "new", outcome: "acknowledged", version: 4 }] },
    ],
    [
      "a deletion that is not there",
      "wrong",
      { changes: [{ chatId: "c", seq: 2, text: undefined, outcome: "acknowledged", version: 4 }] },
    ],
  ];
  test.each(findings)("%s is found", (_, kind, more) => {
    expect(found(more)).toContain(kind as never);
  });
});
