import { expect, test } from "bun:test";
import type { ChatSummary, MessageInfo } from "@windi/protocol";
import type { Connection } from "./connection.ts";
import { createFanout } from "./fanout.ts";
import { createGate } from "./gate.ts";
import { createInterest } from "./interest.ts";
import { createSubscriptions } from "./subscriptions.ts";

const chatId = "chat-1";
const ignore = () => {};
const turns = () => new Promise((resolve) => setImmediate(resolve));

test("whoever comes into a chat hears of that first, however close its next message is", async () => {
  const heard: string[] = [];
  const topics = new Set<string>();
  const interest = createInterest({ follow: ignore, unfollow: ignore });
  const watch = { opened: ignore, closed: ignore, look: ignore, leave: ignore };
  const subscriptions = createSubscriptions({ gate: createGate(), interest, watch });
  const fanout = createFanout({
    ...{ subscriptions, interest, membersChanged: ignore, onFault: ignore, revocations: {} as never },
    bus: { listen: ignore, publish: ignore, broadcast: ignore } as never,
    publish: (topic, frame) => void (topics.has(topic) && heard.push(frame)),
    membersAmong: (_, userIds) => Promise.resolve([...userIds]),
  });
  const data = { chat_id: chatId, seq: 1, version: 2 } as MessageInfo;
  const bob: Connection = {
    ...{ user: { id: "bob", name: "Bob", email: "bob@example.org" }, isOpen: true, isSubscribed: false },
    ...{ sessionId: undefined, passwordVersion: 0 },
    socket: {
      follow(topic) {
        topics.add(topic);
        // What was committed meanwhile is told as soon as this turn is over.
        queueMicrotask(() => fanout.message({ event: "new_message", data }));
      },
      unfollow: (topic) => void topics.delete(topic),
      isFollowing: (topic) => topics.has(topic),
      send: (frame) => void heard.push(frame),
      ...{ publishToOthers: ignore, close: ignore },
    },
    ...{ answer: ignore, close: ignore },
  };
  subscriptions.add(bob);
  await subscriptions.subscribe(bob, () => Promise.resolve([]));
  fanout.added(["bob"], { id: chatId, seq: 0, version: 1 } as ChatSummary);
  await turns();
  const events = heard.map((frame) => (JSON.parse(frame) as { event: string }).event);
  expect(events.slice(0, 2)).toEqual(["chat_added", "new_message"]);
});

test.each([
  ["hears", [], [[chatId, ["bob"]]]],
  ["does not hear, being in after all,", ["bob"], []],
])(
  "whoever was told that they are in a chat and is out by then %s that they are out",
  async (_, members, told) => {
    const settled: unknown[] = [];
    const fanout = createFanout({
      subscriptions: { admit: () => Promise.resolve(members) } as never,
      interest: createInterest({ follow: ignore, unfollow: ignore }),
      revocations: { settle: (...out: unknown[]) => settled.push(out) } as never,
      bus: { listen: ignore } as never,
      ...{
        publish: ignore,
        membersChanged: ignore,
        onFault: ignore,
        membersAmong: () => Promise.resolve([]),
      },
    });
    await fanout.enrol("bob", { chat_id: chatId, seq: 0, version: 1 });
    expect(settled).toEqual(told);
  },
);
