import { describe, expect, test } from "bun:test";
import { createWorld, frame, names, offline, online } from "../../../tests/presence-world.ts";
import { presenceTopic } from "../realtime/topics.ts";

describe("who looks at a chat", () => {
  test("is told at once who is online or was last seen when, and then of those who come and go", async () => {
    const world = createWorld();
    const { node, pass, settle, people } = world;
    world.chat("chat", ["alice", "bob", "carol", "dave"]);
    people.get("carol")!.lastSeenAt = 5000;
    const alice = node.connect("alice");
    node.presence.look(alice, "chat");
    await settle();
    expect(alice.frames).toEqual([frame(1, online("alice"), offline("carol", 5000))]);
    const bob = node.connect("bob");
    await pass(3000);
    expect(alice.frames.slice(1)).toEqual([frame(2, online("bob"))]);
    node.disconnect(bob);
    const endedAt = world.now();
    await pass(9000);
    expect(alice.frames.slice(2)).toEqual([frame(1, offline("bob", endedAt))]);
  });

  test("hears of a person with several devices once, and of the end when the last has ended", async () => {
    const { node, pass, chat } = createWorld();
    chat("chat", ["alice", "bob"]);
    const alice = node.connect("alice");
    node.presence.look(alice, "chat");
    await pass(3000);
    const [phone, laptop] = [node.connect("bob"), node.connect("bob")];
    await pass(6000);
    node.disconnect(phone);
    await pass(60_000);
    expect(alice.frames.slice(1)).toEqual([frame(2, online("bob"))]);
    node.disconnect(laptop);
    await pass(9000);
    expect(alice.frames.at(-1)).toMatchObject({ online_count: 1 });
  });

  test("gets one frame for all who come within three seconds", async () => {
    const { node, pass, chat, statements } = createWorld();
    chat("chat", ["alice", ...names(50)]);
    const alice = node.connect("alice");
    node.presence.look(alice, "chat");
    await pass(3000);
    for (const name of names(50)) node.connect(name);
    await pass(3000);
    expect(alice.frames).toHaveLength(2);
    expect(alice.frames[1]).toMatchObject({ online_count: 51 });
    expect(alice.frames[1]?.users).toHaveLength(50);
    expect(statements).toHaveLength(1);
  });

  test("is told numbers only where there are more than 100 members", async () => {
    const { node, pass, chat } = createWorld();
    chat("chat", ["alice", ...names(100)]);
    const alice = node.connect("alice");
    node.presence.look(alice, "chat");
    await pass(3000);
    for (const name of names(40)) node.connect(name);
    await pass(3000);
    expect(alice.frames).toEqual([frame(1), frame(41)]);
  });

  test("hears no more once the chat is left or the connection has ended", async () => {
    const { node, pass, settle, chat } = createWorld();
    chat("chat", ["alice", "bob"]);
    const [one, other, early] = [node.connect("alice"), node.connect("alice"), node.connect("alice")];
    for (const looker of [one, other]) node.presence.look(looker, "chat");
    await settle();
    node.presence.look(early, "chat");
    node.presence.leave(early, "chat");
    node.presence.leave(one, "chat");
    node.disconnect(other);
    node.connect("bob");
    await pass(3000);
    expect([one, other, early].map((looker) => looker.frames.length)).toEqual([1, 1, 0]);
    expect([...one.topics, ...early.topics]).toEqual([]);
    expect(node.published).toEqual([]);
  });

  test("sees who joined the chat and not who left it", async () => {
    const { node, pass, chat, people } = createWorld();
    chat("chat", ["alice", "bob"]);
    for (const name of ["bob", "carol"]) {
      node.connect(name);
      people.set(name, { showsPresence: true, lastSeenAt: null });
    }
    const alice = node.connect("alice");
    node.presence.look(alice, "chat");
    await pass(3000);
    chat("chat", ["alice", "carol"]);
    node.presence.membersChanged("chat");
    await pass(6000);
    expect(alice.frames).toEqual([frame(2, online("alice"), online("bob")), frame(2, online("carol"))]);
  });

  test("is told once the database answers again", async () => {
    const { node, pass, settle, chat, breakDown } = createWorld();
    chat("chat", ["alice"]);
    const alice = node.connect("alice");
    breakDown(true);
    node.presence.look(alice, "chat");
    await pass(9000);
    breakDown(false);
    expect(alice.frames).toEqual([]);
    await pass(3000);
    await settle();
    expect(alice.frames).toEqual([frame(1, online("alice"))]);
  });

  test("hears of the 100 chats that were looked at last", async () => {
    const { node, pass, chat } = createWorld();
    for (let n = 0; n < 130; n++) chat(`chat-${n}`, ["alice", "bob"]);
    const alice = node.connect("alice");
    for (let n = 0; n < 130; n++) node.presence.look(alice, `chat-${n}`);
    await pass(3000);
    expect(alice.topics.size).toBe(100);
    expect(alice.topics.has(presenceTopic("chat-29"))).toBe(false);
    expect(alice.topics.has(presenceTopic("chat-129"))).toBe(true);
  });
});
