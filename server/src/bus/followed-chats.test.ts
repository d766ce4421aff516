import { expect, test } from "bun:test";
import { createFollowedChats } from "./followed-chats.ts";

function create({ maxLingering = 100 } = {}) {
  const clock = { ms: 0 };
  const calls: string[] = [];
  const followed = createFollowedChats({
    begin: (chatId) => calls.push(`+${chatId}`),
    end: (chatId) => calls.push(`-${chatId}`),
    now: () => clock.ms,
    lingerMs: 60_000,
    maxLingering,
  });
  const pass = (ms: number) => {
    clock.ms += ms;
    followed.sweep();
  };
  return { ...followed, calls, pass };
}

test("a chat that was left ends 60 s later and not before", () => {
  const { follow, unfollow, calls, pass, chats } = create();
  follow("a");
  unfollow("a");
  pass(59_999);
  expect(calls).toEqual(["+a"]);
  expect(chats.has("a")).toBe(true);
  pass(1);
  expect(calls).toEqual(["+a", "-a"]);
  expect(chats.has("a")).toBe(false);
});

test("who comes back within 60 s, however often, costs nothing", () => {
  const { follow, unfollow, calls, pass } = create();
  for (let i = 0; i < 10_000; i++) {
    follow("a");
    unfollow("a");
    pass(59_000);
  }
  expect(calls).toEqual(["+a"]);
  follow("a");
  pass(1_000_000);
  expect(calls).toEqual(["+a"]);
});

test("the 60 s begin when the chat is left last, and once", () => {
  const { follow, unfollow, calls, pass } = create();
  follow("a");
  unfollow("a");
  pass(30_000);
  unfollow("a");
  pass(30_000);
  expect(calls).toEqual(["+a", "-a"]);
});

test("a sweep ends what is due and looks at nothing behind it", () => {
  const { follow, unfollow, calls, pass } = create();
  for (const chatId of ["a", "b", "c"]) {
    follow(chatId);
    unfollow(chatId);
    pass(20_000);
  }
  expect(calls.filter((call) => call.startsWith("-"))).toEqual(["-a"]);
});

test("of more chats than may wait, the oldest ends at once", () => {
  const { follow, unfollow, calls } = create({ maxLingering: 2 });
  for (const chatId of ["a", "b", "c"]) follow(chatId);
  for (const chatId of ["b", "a", "c"]) unfollow(chatId);
  expect(calls).toEqual(["+a", "+b", "+c", "-b"]);
});
