import { describe, expect, test } from "bun:test";
import { createWorld, frame, names, offline, online, type World } from "../../../tests/presence-world.ts";

const twoNodes = ({ nodes }: World) => nodes as [World["node"], World["node"]];

describe("a person who does not show presence", () => {
  test("is not seen, not counted, and sees nobody", async () => {
    const { node, pass, chat, people } = createWorld();
    chat("chat", ["alice", "bob", "carol"]);
    people.set("bob", { showsPresence: false, lastSeenAt: 5000 });
    const [alice, bob] = [node.connect("alice"), node.connect("bob")];
    for (const looker of [alice, bob]) node.presence.look(looker, "chat");
    await pass(3000);
    expect(alice.frames).toEqual([frame(1, online("alice"))]);
    expect(bob.frames).toEqual([frame(0)]);
    node.connect("carol");
    node.disconnect(bob);
    await pass(9000);
    expect(alice.frames.slice(1)).toEqual([frame(2, online("carol"))]);
    expect(bob.frames).toHaveLength(1);
  });

  test("is gone for all on all nodes from the moment of the switch, and back with the next", async () => {
    const world = createWorld(2);
    const { chat, pass } = world;
    const [here, there] = twoNodes(world);
    chat("chat", ["alice", "bob", "carol"]);
    const [alice, carol, bob, tablet] = [
      here.connect("alice"),
      there.connect("carol"),
      here.connect("bob"),
      there.connect("bob"),
    ];
    await pass(9000);
    for (const looker of [alice, bob]) here.presence.look(looker, "chat");
    for (const looker of [carol, tablet]) there.presence.look(looker, "chat");
    await pass(3000);
    const all = frame(3, online("alice"), online("bob"), online("carol"));
    for (const looker of [alice, carol, bob, tablet]) expect(looker.frames.splice(0)).toEqual([all]);

    await world.switch(here.presence, "bob", false);
    for (const looker of [bob, tablet]) {
      expect(looker.frames.splice(0)).toEqual([frame(0, offline("alice", null), offline("carol", null))]);
      expect(looker.topics.size).toBe(0);
    }
    await pass(3000);
    for (const looker of [alice, carol])
      expect(looker.frames.splice(0)).toEqual([frame(2, offline("bob", null))]);

    await world.switch(there.presence, "bob", true);
    for (const looker of [bob, tablet]) expect(looker.frames.splice(0)).toEqual([all]);
    await pass(3000);
    for (const looker of [alice, carol]) expect(looker.frames.splice(0)).toEqual([frame(3, online("bob"))]);
  });

  test("stays unseen when the members were being read at the moment of the switch", async () => {
    const { node, pass, settle, chat, people, during } = createWorld();
    chat("chat", ["alice", "bob"]);
    const alice = node.connect("alice");
    node.connect("bob");
    during(() => {
      during(undefined);
      people.set("bob", { showsPresence: false, lastSeenAt: null });
      node.presence.switched("bob");
    });
    node.presence.look(alice, "chat");
    await settle();
    await pass(3000);
    expect(alice.frames.at(-1)).toEqual(frame(1, offline("bob", null)));
  });

  test("is unseen on a node that missed the switch as soon as it knows that it missed something", async () => {
    const world = createWorld(2);
    const [here, there] = twoNodes(world);
    world.chat("chat", ["alice", "bob"]);
    here.connect("bob");
    const alice = there.connect("alice");
    await world.pass(9000);
    there.presence.look(alice, "chat");
    await world.settle();
    expect(alice.frames).toEqual([frame(2, online("alice"), online("bob"))]);
    world.lose(true);
    await world.switch(here.presence, "bob", false);
    world.lose(false);
    expect(alice.frames).toHaveLength(1);
    await world.pass(21_000);
    expect(alice.frames.at(-1)).toEqual(frame(1, offline("bob", null)));
  });
});

describe("presence costs", () => {
  test("nothing for 1,000 chats that nobody looks at", async () => {
    const { node, pass, chat, statements } = createWorld();
    for (let n = 0; n < 1000; n++) chat(`chat-${n}`, ["alice", "bob"]);
    node.connect("bob");
    const alice = node.connect("alice");
    await pass(3000);
    node.disconnect(alice);
    await pass(9000);
    expect([statements, node.published]).toEqual([[], []]);
  });

  test("no word of 2,000 who reconnect, on no node and to nobody", async () => {
    const world = createWorld(2);
    const [here, there] = twoNodes(world);
    world.chat("chat", ["alice", ...names(2000)]);
    const alice = there.connect("alice");
    there.presence.look(alice, "chat");
    const sockets = names(2000).map((name) => here.connect(name));
    await world.pass(12_000);
    for (const node of [here, there]) node.told.length = node.published.length = 0;
    for (const socket of sockets) here.disconnect(socket);
    for (const name of names(2000)) here.connect(name);
    await world.pass(9000);
    expect(there.published).toEqual([]);
    for (const { told } of [here, there])
      expect(told.every((head) => head.kind === "presence" && head.news.type === "alive")).toBe(true);
  });

  test("one message and one frame for 2,000 who come from another node in the same second", async () => {
    const world = createWorld(2);
    const [here, there] = twoNodes(world);
    world.chat("chat", ["alice", ...names(2000)]);
    const alice = there.connect("alice");
    there.presence.look(alice, "chat");
    await world.pass(12_000);
    here.told.length = there.published.length = 0;
    for (const name of names(2000)) here.connect(name);
    await world.pass(6000);
    expect(here.told).toHaveLength(1);
    expect(there.published).toHaveLength(1);
    expect(alice.frames.at(-1)).toEqual(frame(2001));
  });

  test("one statement for all who begin to look in the same moment, and none to look again soon", async () => {
    const { node, settle, pass, chat, statements } = createWorld();
    for (let n = 0; n < 50; n++) chat(`chat-${n}`, ["alice", "bob"]);
    const alice = node.connect("alice");
    const lookAtAll = () => {
      for (let n = 0; n < 50; n++) node.presence.look(alice, `chat-${n}`);
    };
    lookAtAll();
    await settle();
    expect(alice.frames).toHaveLength(50);
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 50; n++) node.presence.leave(alice, `chat-${n}`);
      await pass(3000);
      lookAtAll();
      await settle();
    }
    expect(statements).toHaveLength(1);
    expect(alice.frames).toHaveLength(300);
    for (let n = 0; n < 50; n++) node.presence.leave(alice, `chat-${n}`);
    await pass(33_000);
    lookAtAll();
    await settle();
    expect(statements).toHaveLength(2);
  });
});

describe("when people were last seen", () => {
  const writes = (statements: readonly string[]) => statements.filter((one) => one.includes("update users"));

  test("is written in one statement for all who went, as the moment when the last connection ended", async () => {
    const { node, pass, chat, statements, people, now } = createWorld();
    chat("chat", names(500));
    const sockets = names(500).map((name) => node.connect(name));
    await pass(1000);
    for (const socket of sockets) node.disconnect(socket);
    const endedAt = now();
    await pass(60_000);
    expect(writes(statements)).toHaveLength(1);
    expect([...people.values()].every(({ lastSeenAt }) => lastSeenAt === endedAt)).toBe(true);
  });

  test("is written for all who are still there when the node ends, and kept while the database is away", async () => {
    const { node, pass, chat, statements, people, now, breakDown } = createWorld();
    chat("chat", ["alice", "bob"]);
    const [, bob] = [node.connect("alice"), node.connect("bob")];
    node.disconnect(bob);
    const endedAt = now();
    breakDown(true);
    await pass(60_000);
    expect(people.get("bob")?.lastSeenAt).toBe(null);
    breakDown(false);
    statements.length = 0;
    await node.presence[Symbol.asyncDispose]();
    expect(writes(statements)).toHaveLength(1);
    expect([people.get("bob")?.lastSeenAt, people.get("alice")?.lastSeenAt]).toEqual([endedAt, now()]);
  });
});
