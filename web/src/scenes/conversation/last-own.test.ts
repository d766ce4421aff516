import { expect, test } from "bun:test";
import { ApiError, createObservable, type ChatLogState, type MessageInfo } from "@windi/sdk";
import { findLastOwn } from "./last-own.ts";
import type { LocalChangesState } from "./local-changes.ts";
import { anna, sampleEntry, sampleLog, sampleMessage } from "./sample-messages.ts";

const mine = (seq: number, changes: Partial<MessageInfo> = {}) =>
  sampleMessage(seq, { sender: anna, ...changes });

function prepare(before: ChatLogState, after = before, older = (state: ChatLogState) => state) {
  const log = createObservable(before);
  const changes = createObservable<LocalChangesState>(new Map());
  const ends: string[] = [];
  const delivery = Promise.withResolvers<MessageInfo>();
  let wait = () => {};
  let pages = 0;
  const loadOlder = async () => {
    pages++;
    log.set(older(log.get()));
  };
  const found = findLastOwn({
    log: { get: log.get, loadEnd: async () => log.set(after), loadOlder },
    changes,
    outbox: { delivered: () => delivery.promise },
    myId: anna.id,
    later: (_, call) => {
      wait = call;
      return () => {};
    },
    toEnd: () => ends.push("end"),
  });
  return { found, ends, delivery, wait: () => wait(), pages: () => pages };
}

const textOf = async (found: Promise<{ text: string } | undefined>) => (await found)?.text;

test("it is the last of mine that is not deleted, however many others wrote since", async () => {
  const deleted = mine(4, { deleted_at: "2026-01-15T12:00:00.000Z" });
  const messages = [mine(1), mine(2), sampleMessage(3), deleted, sampleMessage(5)];
  const { found, ends } = prepare(sampleLog(1, 5, { messages }));
  expect(await textOf(found)).toBe("Message 2");
  expect(ends).toEqual([]);
  expect(await prepare(sampleLog(1, 5)).found).toBeUndefined();
});

test("it is at the end of the chat, wherever the reader is; without that nothing is", async () => {
  const above = sampleLog(1, 3, { messages: [mine(1), mine(2), mine(3)], isAtEnd: false });
  const { found, ends } = prepare(above, sampleLog(8, 9, { messages: [mine(8), sampleMessage(9)] }));
  expect(await textOf(found)).toBe("Message 8");
  expect(ends).toEqual(["end"]);
  const cut = prepare(above);
  expect(await cut.found).toBeUndefined();
  expect(cut.ends).toEqual([]);
});

test("it is looked for above what is here, but not through the whole chat", async () => {
  const page = ({ messages }: ChatLogState, own?: number) => {
    const first = (messages[0]?.seq ?? 0) - 2;
    const older = [first, first + 1].map((seq) => (seq === own ? mine(seq) : sampleMessage(seq)));
    return sampleLog(first, 100, { messages: [...older, ...messages], isAtStart: false });
  };
  const end = sampleLog(100, 100, { isAtStart: false });
  const above = prepare(end, end, (state) => page(state, 95));
  expect(await textOf(above.found)).toBe("Message 95");
  expect(above.pages()).toBe(3);
  const never = prepare(end, end, (state) => page(state));
  expect(await never.found).toBeUndefined();
  expect(never.pages()).toBe(6);
});

test("one that is on its way is waited for, not long, and never another in its place", async () => {
  const log = sampleLog(1, 1, { messages: [mine(1)], pending: [sampleEntry("key")] });
  const stored = prepare(log);
  stored.delivery.resolve(mine(2));
  expect((await stored.found)?.message).toEqual(mine(2));
  const refused = prepare(log);
  refused.delivery.reject(new ApiError({ code: "invalid_request", detail: "No" }));
  expect(await refused.found).toBeUndefined();
  const late = prepare(log);
  late.wait();
  expect(await late.found).toBeUndefined();
});

test("one that was refused is written anew", async () => {
  const error = new ApiError({ code: "invalid_request", detail: "No" });
  const pending = [{ ...sampleEntry("key"), state: "refused" as const, error }];
  const { found } = prepare(sampleLog(1, 1, { messages: [mine(1)], pending }));
  expect(await found).toMatchObject({ key: "key", text: "On its way", message: undefined });
});
