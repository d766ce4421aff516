import { expect, test } from "bun:test";
import type { BusMessage } from "./bus.ts";
import { decodeMessage, encodeMessage } from "./encoding.ts";

test("a message comes back as it went, with or without a frame", () => {
  const messages: BusMessage<object>[] = [
    { head: { kind: "one", ids: ["a\nb"] } },
    { head: { kind: "two" }, frame: '{"text":"привет \u{1F44B}\\n"}' },
    { head: {}, frame: "two\nlines" },
    { head: {}, frame: "" },
  ];
  for (const message of messages) {
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  }
});

test("the frame travels as it is, without a second escaping", () => {
  expect(encodeMessage({ head: { a: 1 }, frame: '{"b":"c"}' })).toBe('{"a":1}\n{"b":"c"}');
});

test.each(["", "\n", "nonsense", "null", "1", '"text"\n{}', '{"a":1'])("%j is no message", (text) => {
  expect(() => decodeMessage(text)).toThrow(SyntaxError);
});
