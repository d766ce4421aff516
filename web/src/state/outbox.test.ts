import { expect, test } from "bun:test";
import { createFakeClock } from "../fake-clock.ts";
import { createOutbox } from "./outbox.ts";

function setUp() {
  const clock = createFakeClock();
  const sent: string[] = [];
  const state = { isOnline: true, silences: 0, keys: 0 };
  const outbox = createOutbox({
    clock,
    newKey: () => `key ${++state.keys}`,
    transmit(_, { key, text }) {
      if (state.isOnline) sent.push(`${key}: ${text}`);
      return state.isOnline;
    },
    onSilence: () => state.silences++,
    onChange: () => {},
  });
  return { clock, sent, state, outbox };
}

test("a message is there at once, and goes when it is acknowledged", () => {
  const { outbox, sent } = setUp();
  outbox.add("chat", "Hello");
  expect(outbox.pending("chat")).toMatchObject([{ key: "key 1", text: "Hello", state: "in_flight" }]);
  expect(sent).toEqual(["key 1: Hello"]);
  outbox.acknowledge("chat", "key 1");
  expect(outbox.pending("chat")).toEqual([]);
  expect(outbox.isEmpty()).toBe(true);
});

test("the next message of a chat waits for the one before it; other chats do not", () => {
  const { outbox, sent } = setUp();
  outbox.add("chat", "One");
  outbox.add("chat", "Two");
  outbox.add("other", "Three");
  expect(sent).toEqual(["key 1: One", "key 3: Three"]);
  outbox.acknowledge("chat", "key 1");
  expect(sent).toEqual(["key 1: One", "key 3: Three", "key 2: Two"]);
});

test("after a lost connection the same message goes again under the same key", () => {
  const { outbox, sent, state } = setUp();
  outbox.add("chat", "One");
  state.isOnline = false;
  outbox.connectionLost();
  outbox.add("chat", "Two");
  outbox.flush("chat");
  state.isOnline = true;
  outbox.flush("chat");
  expect(sent).toEqual(["key 1: One", "key 1: One"]);
  outbox.acknowledge("chat", "key 1");
  expect(sent.at(-1)).toBe("key 2: Two");
});

test("a refusal that may pass is tried again by itself, after a pause", () => {
  const { clock, outbox, sent } = setUp();
  outbox.add("chat", "One");
  outbox.refuse("key 1", "overloaded");
  expect(sent).toHaveLength(1);
  clock.advance(10_000);
  expect(sent).toEqual(["key 1: One", "key 1: One"]);
});

test("the pause that the server asks for is kept", () => {
  const { clock, outbox, sent } = setUp();
  outbox.add("chat", "One");
  outbox.refuse("key 1", "rate_limited", 60_000);
  clock.advance(59_000);
  expect(sent).toHaveLength(1);
  clock.advance(30_000);
  expect(sent).toHaveLength(2);
});

test("a final refusal leaves the message to its writer, and lets the next one go", () => {
  const { outbox, sent } = setUp();
  outbox.add("chat", "One");
  outbox.add("chat", "Two");
  outbox.refuse("key 1", "chat_not_found");
  expect(outbox.pending("chat")).toMatchObject([
    { state: "failed", failure: "chat_not_found" },
    { state: "in_flight", failure: undefined },
  ]);
  outbox.acknowledge("chat", "key 2");
  outbox.retry("chat", "key 1");
  expect(sent).toEqual(["key 1: One", "key 2: Two", "key 1: One"]);
  outbox.discard("chat", "key 1");
  expect(outbox.isEmpty()).toBe(true);
});

test("silence after a send makes the connection suspect, an answer does not", () => {
  const { clock, outbox, state } = setUp();
  outbox.add("chat", "One");
  outbox.acknowledge("chat", "key 1");
  clock.advance(60_000);
  expect(state.silences).toBe(0);
  outbox.add("chat", "Two");
  clock.advance(15_000);
  expect(state.silences).toBe(1);
});

test("an answer to another request is no answer to a message", () => {
  const { outbox } = setUp();
  outbox.add("chat", "One");
  outbox.refuse("key 9", "chat_not_found");
  outbox.acknowledge("chat", "key 9");
  expect(outbox.pending("chat")).toMatchObject([{ state: "in_flight" }]);
});
