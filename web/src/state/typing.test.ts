import { expect, test } from "bun:test";
import { createFakeClock } from "../fake-clock.ts";
import { createTyping } from "./typing.ts";

function setUp() {
  const clock = createFakeClock();
  return { clock, typing: createTyping({ clock, onChange: () => {} }) };
}

test("somebody is shown as typing for four seconds after each sign of it", () => {
  const { clock, typing } = setUp();
  typing.heard("chat", "boris", "Boris");
  clock.advance(3_000);
  typing.heard("chat", "boris", "Boris");
  clock.advance(3_999);
  expect(typing.names("chat")).toEqual(["Boris"]);
  clock.advance(1);
  expect(typing.names("chat")).toEqual([]);
});

test("who has sent the message is not typing any more", () => {
  const { typing } = setUp();
  typing.heard("chat", "boris", "Boris");
  typing.heard("chat", "clara", "Clara");
  typing.stopped("chat", "boris");
  expect(typing.names("chat")).toEqual(["Clara"]);
  expect(typing.names("other")).toEqual([]);
});

test("we say that we type at most every two seconds, and often enough not to flicker", () => {
  const { clock, typing } = setUp();
  expect(typing.shouldSay("chat")).toBe(true);
  clock.advance(1_999);
  expect(typing.shouldSay("chat")).toBe(false);
  expect(typing.shouldSay("other")).toBe(true);
  clock.advance(1_999);
  expect(typing.shouldSay("chat")).toBe(true);
});

test("after a message is sent, the next one is told at once", () => {
  const { typing } = setUp();
  typing.shouldSay("chat");
  typing.said("chat");
  expect(typing.shouldSay("chat")).toBe(true);
});
