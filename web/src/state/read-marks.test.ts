import { expect, test } from "bun:test";
import { createChatLog } from "./chat-log.ts";
import { createReadMarks } from "./read-marks.ts";
import { anna, boris, clara, message } from "./sample.ts";

function setUp() {
  const log = createChatLog();
  return { log, marks: createReadMarks(log, anna.id) };
}
const event = (seq: number, user_id: string) => ({
  chat_id: "chat",
  message_id: `message ${seq}`,
  user_id,
  read_at: "2025-11-22T12:00:00.000Z",
});

test("reading a message reads everything before it", () => {
  const { log, marks } = setUp();
  log.merge([message(1, anna), message(2, anna), message(3, anna)]);
  marks.heard(event(2, boris.id));
  expect(log.messages.map(marks.isReadByOthers)).toEqual([true, true, false]);
});

test("a message is not read by its own sender", () => {
  const { log, marks } = setUp();
  log.merge([message(1, boris), message(2, boris)]);
  marks.heard(event(2, boris.id));
  expect(log.messages.map(marks.isReadByOthers)).toEqual([false, false]);
  marks.heard(event(1, clara.id));
  expect(log.messages.map(marks.isReadByOthers)).toEqual([true, false]);
});

test("what the history says is read is read", () => {
  const { log, marks } = setUp();
  log.merge([message(1, anna, { is_read: true })]);
  expect(log.messages.map(marks.isReadByOthers)).toEqual([true]);
});

test("a mark on a message that is not here yet counts once it is", () => {
  const { log, marks } = setUp();
  log.merge([message(1, anna)]);
  marks.heard(event(2, boris.id));
  expect(log.messages.map(marks.isReadByOthers)).toEqual([false]);
  log.merge([message(2, anna)]);
  expect(log.messages.map(marks.isReadByOthers)).toEqual([true, true]);
});

test("unread are the messages of others beyond what I have read", () => {
  const { log, marks } = setUp();
  log.merge([message(1, boris), message(2, anna), message(3, boris), message(4, clara)]);
  expect(marks.countUnread()).toBe(3);
  marks.moveMine(3);
  expect(marks.countUnread()).toBe(1);
  marks.moveMine(1);
  expect(marks.mySeq()).toBe(3);
});

test("what I read on another device is read here", () => {
  const { log, marks } = setUp();
  log.merge([message(1, boris), message(2, boris)]);
  marks.heard(event(2, anna.id));
  expect(marks.countUnread()).toBe(0);
});
