import { expect, test } from "bun:test";
import { createChat } from "./chat.ts";
import type { PendingMessage } from "./outbox.ts";
import { buildRows, type Row } from "./rows.ts";
import { anna, boris, group, message } from "./sample.ts";

const at = (day: number, hour: number, minute: number) => new Date(2025, 10, day, hour, minute).toISOString();
const pending = (key: string): PendingMessage => ({
  key,
  text: key,
  writtenAt: new Date(2025, 10, 22, 13).getTime(),
  state: "in_flight",
  failure: undefined,
});

function show(rows: Row[]): string[] {
  return rows.map((row) => {
    if (row.kind !== "message") return row.kind;
    return `${row.startsGroup ? "┌" : "│"}${row.message.sender.name}${row.endsGroup ? "┘" : ""}`;
  });
}

test("each day begins with a line, and with a group of its own", () => {
  const chat = createChat(group, anna.id);
  chat.log.merge([
    message(1, boris, { created_at: at(21, 23, 59) }),
    message(2, boris, { created_at: at(22, 0, 1) }),
  ]);
  expect(show(buildRows(chat, [], anna, 0))).toEqual(["day", "┌Boris┘", "day", "┌Boris┘"]);
});

test("messages of one author within five minutes belong together", () => {
  const chat = createChat(group, anna.id);
  chat.log.merge([
    message(1, boris, { created_at: at(22, 12, 0) }),
    message(2, boris, { created_at: at(22, 12, 5) }),
    message(3, boris, { created_at: at(22, 12, 11) }),
    message(4, anna, { created_at: at(22, 12, 11) }),
  ]);
  expect(show(buildRows(chat, [], anna, 0))).toEqual(["day", "┌Boris", "│Boris┘", "┌Boris┘", "┌Anna┘"]);
});

test("the unread line stands before the first message of others that is unread", () => {
  const chat = createChat(group, anna.id);
  chat.log.merge([message(1, boris), message(2, anna), message(3, boris), message(4, boris)]);
  expect(show(buildRows(chat, [], anna, 1))).toEqual([
    "day",
    "┌Boris┘",
    "┌Anna┘",
    "unread",
    "┌Boris",
    "│Boris┘",
  ]);
});

test("a message on its way comes last, and keeps its key when it has arrived", () => {
  const chat = createChat(group, anna.id);
  chat.log.merge([message(1, boris)]);
  const before = buildRows(chat, [pending("key")], anna, 0).at(-1);
  chat.log.merge([message(2, anna, { idempotency_key: "key" })]);
  const after = buildRows(chat, [], anna, 0).at(-1);
  expect(before).toMatchObject({ key: "key", message: { status: "sending", seq: undefined } });
  expect(after).toMatchObject({ key: "key", message: { status: "sent", seq: 2 } });
});

test("a message that history brings before its acknowledgement is shown once", () => {
  const chat = createChat(group, anna.id);
  chat.log.merge([message(1, anna, { idempotency_key: "key" })]);
  expect(show(buildRows(chat, [pending("key")], anna, 0))).toEqual(["day", "┌Anna┘"]);
});

test("somebody else's key does not hide my message", () => {
  const chat = createChat(group, anna.id);
  chat.log.merge([message(1, boris, { idempotency_key: "key" })]);
  expect(show(buildRows(chat, [pending("key")], anna, 0)).at(-1)).toBe("┌Anna┘");
});

test("own messages say how far they have come, those of others do not", () => {
  const chat = createChat(group, anna.id);
  chat.log.merge([message(1, anna, { is_read: true }), message(2, boris), message(3, anna)]);
  const rows = buildRows(chat, [{ ...pending("key"), state: "failed" }], anna, 0);
  const statuses = rows.flatMap((row) => (row.kind === "message" ? [row.message.status] : []));
  expect(statuses).toEqual(["read", undefined, "sent", "failed"]);
});
