import { describe, expect, test } from "bun:test";
import type { ManyTyping, ServerFrame, UserTyping } from "@windi/protocol";
import { createMemoryWire } from "../bus/bus-memory.ts";
import type { NodeMessage } from "../realtime/node-message.ts";
import { createTyping } from "./typing.ts";
import { joinedTopic, viewTopic } from "../realtime/topics.ts";

const chat = "chat-1";
const user = (n: number) => ({ id: `user-${n}`, name: `User ${n}` });

function createNodes(count: number) {
  let time = 0;
  const wire = createMemoryWire<NodeMessage>();
  const sweeps: (() => void)[] = [];
  const nodes = Array.from({ length: count }, () => {
    const published: { topic: string; frame: ServerFrame; except: string | undefined }[] = [];
    const told: NodeMessage[] = [];
    let except: string | undefined;
    const bus = wire.connect();
    bus.follow(chat);
    const typing = createTyping({
      clock: {
        now: () => time,
        every(_, call) {
          sweeps.push(call);
          return { [Symbol.dispose]: () => {} };
        },
      },
      bus: {
        listen: bus.listen,
        publish(chatId, message) {
          told.push(message.head);
          bus.publish(chatId, message);
        },
      },
      publish: (topic, frame) =>
        void published.push({ topic, frame: JSON.parse(frame) as ServerFrame, except }),
      without(userId, _, call) {
        except = userId;
        call();
        except = undefined;
      },
    });
    const heard = (topic: string) => published.filter((one) => one.topic === topic).map((one) => one.frame);
    return {
      typing,
      published,
      told,
      views: () => heard(viewTopic(chat)),
      joined: () => heard(joinedTopic(chat)),
    };
  });
  return {
    nodes,
    node: nodes[0]!,
    /** Time passes in steps of a second, as the sweeps do. */
    async pass(ms: number) {
      for (const end = time + ms; time < end;) {
        time = Math.min(end, time + 1000);
        for (const sweep of sweeps) sweep();
        await Promise.resolve();
      }
    },
  };
}

const named = (n: number): UserTyping => ({
  event: "typing",
  chat_id: chat,
  user_id: `user-${n}`,
  user_name: `User ${n}`,
});
const shown = (n: number): UserTyping => ({ ...named(n), expires_in_ms: 6000 });
const many = (count: number): ManyTyping => ({
  event: "many_typing",
  chat_id: chat,
  count,
  expires_in_ms: 6000,
});

describe("somebody who writes", () => {
  test("is named to those who look at the chat, with an end, and to those who joined as they know it", async () => {
    const { node } = createNodes(1);
    node.typing.wrote(chat, user(1));
    expect(node.views()).toEqual([shown(1)]);
    expect(node.joined()).toEqual([named(1)]);
    expect(node.published.every(({ except }) => except === "user-1")).toBe(true);
  });

  test("is not told of again within two seconds, and is then", async () => {
    const { node, pass } = createNodes(1);
    for (let i = 0; i < 10; i++) node.typing.wrote(chat, user(1));
    expect(node.views()).toHaveLength(1);
    expect(node.told).toHaveLength(1);
    await pass(1999);
    node.typing.wrote(chat, user(1));
    expect(node.views()).toHaveLength(1);
    await pass(1);
    node.typing.wrote(chat, user(1));
    expect(node.views()).toHaveLength(2);
    expect(node.told).toHaveLength(2);
  });

  test("is seen on the other nodes alike", async () => {
    const { nodes } = createNodes(3);
    nodes[0]!.typing.wrote(chat, user(1));
    await Promise.resolve();
    for (const node of nodes) {
      expect(node.views()).toEqual([shown(1)]);
      expect(node.joined()).toEqual([named(1)]);
    }
    expect(nodes.map((node) => node.told.length)).toEqual([1, 0, 0]);
  });
});

describe("more than three who write", () => {
  test("are counted, once a second at most", async () => {
    const { node, pass } = createNodes(1);
    for (let n = 1; n <= 50; n++) node.typing.wrote(chat, user(n));
    expect(node.views()).toEqual([shown(1), shown(2), shown(3), many(4)]);
    await pass(1000);
    expect(node.views().slice(4)).toEqual([many(50)]);
    await pass(1000);
    expect(node.views()).toHaveLength(5);
    for (let second = 0; second < 10; second++) {
      for (let n = 1; n <= 50; n++) node.typing.wrote(chat, user(n));
      await pass(1000);
    }
    expect(node.views().slice(5).length).toBeLessThanOrEqual(10);
    expect(node.views().at(-1)).toEqual(many(50));
  });

  test("cost each node one message a second", async () => {
    const { nodes, pass } = createNodes(2);
    for (let second = 0; second < 10; second++) {
      for (let n = 1; n <= 150; n++) nodes[n % 2]!.typing.wrote(chat, user(n));
      await pass(1000);
    }
    for (const node of nodes) {
      expect(node.told.length).toBeLessThanOrEqual(14);
      expect(node.views().at(-1)).toEqual(many(150));
    }
  });

  test("are named again once there are few", async () => {
    const { node, pass } = createNodes(1);
    for (let n = 1; n <= 10; n++) node.typing.wrote(chat, user(n));
    await pass(5000);
    node.typing.wrote(chat, user(1));
    await pass(2000);
    node.published.length = 0;
    node.typing.wrote(chat, user(1));
    expect(node.views()).toEqual([shown(1)]);
  });

  test("are counted up to 200", async () => {
    const { node, pass } = createNodes(1);
    for (let n = 1; n <= 5000; n++) node.typing.wrote(chat, user(n));
    await pass(1000);
    expect(node.views().at(-1)).toEqual(many(200));
  });
});

test("six seconds after the last sign nothing is kept, and another chat has its place", async () => {
  const { node, pass } = createNodes(1);
  for (let n = 0; n < 10_001; n++) node.typing.wrote(`other-${n}`, user(1));
  node.typing.wrote(chat, user(1));
  expect(node.views()).toEqual([]);
  await pass(6000);
  node.typing.wrote(chat, user(1));
  expect(node.views()).toEqual([shown(1)]);
});
