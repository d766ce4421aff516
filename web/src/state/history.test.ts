import { expect, test } from "bun:test";
import { createFakeClock } from "../fake-clock.ts";
import { ApiError, type HistoryPosition } from "../wire/api.ts";
import { createChat } from "./chat.ts";
import { createHistory } from "./history.ts";
import { anna, boris, group, message } from "./sample.ts";

/** A chat whose log on the server is as long as `state.length`, and the calls that were made. */
function setUp({ isPersonal = false, readSeq = 0 } = {}) {
  const clock = createFakeClock();
  const calls: string[] = [];
  const failures: string[] = [];
  const state = { length: 0, failure: undefined as ApiError | undefined };
  const chat = createChat({ ...group, type: isPersonal ? "personal" : "group" }, anna.id);
  const history = createHistory({
    clock,
    onChange: () => {},
    onFailure: (_, error) => failures.push(error.code),
    api: {
      async getHistory(_, position: HistoryPosition, limit) {
        calls.push(`${Object.entries(position).join()} ${limit}`);
        if (state.failure) throw state.failure;
        const all = Array.from({ length: state.length }, (_each, index) => index + 1);
        const seqs =
          position.after_seq === undefined
            ? all.filter((seq) => seq < (position.before_seq ?? 0)).slice(-limit)
            : all.filter((seq) => seq > (position.after_seq ?? 0)).slice(0, limit);
        return seqs.map((seq) => message(seq, boris, { is_read: seq <= readSeq }));
      },
    },
  });
  const seqs = () => chat.log.messages.map(({ seq }) => seq);
  return { clock, calls, failures, state, chat, history, seqs };
}
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test("a chat opens with its newest page, and older pages follow until there are none", async () => {
  const { state, chat, history, seqs } = setUp();
  state.length = 120;
  await history.refresh(chat);
  expect(seqs()).toEqual(range(71, 120));
  await history.loadOlder(chat);
  await history.loadOlder(chat);
  expect([seqs(), chat.isComplete]).toEqual([range(1, 120), true]);
});

test("what was missed is fetched in order after what is here", async () => {
  const { calls, state, chat, history, seqs } = setUp();
  state.length = 60;
  await history.refresh(chat);
  state.length = 360;
  calls.length = 0;
  await history.refresh(chat);
  expect(seqs()).toEqual(range(11, 360));
  expect(calls).toEqual([
    "before_seq,2147483647 50",
    "after_seq,60 100",
    "after_seq,160 100",
    "after_seq,260 100",
  ]);
});

test("after a very long absence the page begins again at the end", async () => {
  const { calls, state, chat, history, seqs } = setUp();
  state.length = 60;
  await history.refresh(chat);
  state.length = 5_000;
  calls.length = 0;
  await history.refresh(chat);
  expect([seqs(), calls.length, chat.isComplete]).toEqual([range(4_951, 5_000), 1, false]);
});

test("a live message that leaves a hole has it filled", async () => {
  const { state, chat, history, seqs } = setUp();
  state.length = 3;
  await history.refresh(chat);
  state.length = 9;
  chat.log.merge([message(9, boris)]);
  await history.closeHole(chat);
  expect(seqs()).toEqual(range(1, 9));
});

test("the history of a personal chat tells what I have read", async () => {
  const { state, chat, history } = setUp({ isPersonal: true, readSeq: 7 });
  state.length = 10;
  await history.peek(chat, false);
  expect([chat.marks.countUnread(), chat.isCounted]).toEqual([1, false]);
  await history.refresh(chat);
  expect([chat.marks.countUnread(), chat.isCounted]).toEqual([3, true]);
});

test("a group that was there at the start counts as read", async () => {
  const { state, chat, history } = setUp();
  state.length = 10;
  await history.peek(chat, false);
  expect(chat.marks.countUnread()).toBe(0);
});

test("a failure that passes is tried again after a wait", async () => {
  const { clock, state, chat, history, seqs, failures } = setUp();
  state.length = 2;
  state.failure = new ApiError("rate_limited", [], 5);
  const done = history.refresh(chat);
  await Promise.resolve();
  await Promise.resolve();
  expect(seqs()).toEqual([]);
  state.failure = undefined;
  clock.advance(10_000);
  await done;
  expect([seqs(), failures]).toEqual([[1, 2], []]);
});

test("a failure that stays is told, and not tried again", async () => {
  const { calls, state, chat, history, failures } = setUp();
  state.failure = new ApiError("chat_not_found");
  await history.refresh(chat);
  expect([calls.length, failures]).toEqual([1, ["chat_not_found"]]);
});
