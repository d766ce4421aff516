import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { GroupInfo } from "@windi/protocol";
import { signIn, startNodes, type Person, type TestNodes } from "./harness.ts";
import type { Frame, TestSocket } from "./socket.ts";

/** A person who uses one node, and the same person on the other. */
type Everywhere = [Person, Person];

const isOf = (event: string, chatId: string) => (frame: Frame) =>
  frame.event === event &&
  (frame.chat_id ?? frame.data?.chat_id ?? (frame as { chat?: { id: string } }).chat?.id) === chatId;

describe("two nodes", () => {
  let nodes: TestNodes;
  let alice: Everywhere;
  let bob: Everywhere;

  async function everywhere(name: string): Promise<Everywhere> {
    const [one, other] = nodes.servers;
    const person = await one.person(name);
    return [person, await signIn(other.url, person.user, person.password)];
  }

  async function follow(person: Person): Promise<TestSocket> {
    const socket = await person.connect();
    await socket.request({ action: "subscribe" });
    return socket;
  }

  async function makeGroup(...members: Everywhere[]): Promise<string> {
    const body = { title: "Garden", member_ids: members.map(([person]) => person.user.id) };
    return (await alice[0].call<GroupInfo>("POST", "/groups", body)).body.id;
  }

  const send = (person: Person, chatId: string, text: string) =>
    person.call("POST", `/chats/${chatId}/messages`, { text });

  beforeEach(async () => {
    nodes = await startNodes({ AUDIT_SECONDS: "1" });
    [alice, bob] = [await everywhere("Alice"), await everywhere("Bob")];
  });
  afterEach(() => nodes[Symbol.asyncDispose]());

  test("what happens on one is heard on the other: chats, messages, reading, writing", async () => {
    const [here, there] = [await follow(alice[0]), await follow(bob[1])];
    const group = await makeGroup(bob);
    await there.next(isOf("chat_added", group));
    for (const socket of [here, there]) await socket.request({ action: "join_chat", chat_id: group });
    const { data: message } = await here.request({ action: "send_message", chat_id: group, text: "hello" });
    expect((await there.next(isOf("new_message", group))).data).toEqual(message);
    await there.request({ action: "message_read", chat_id: group, message_id: message.id });
    expect((await here.next(isOf("message_read", group))).data.user_id).toBe(bob[0].user.id);
    there.send({ action: "typing", chat_id: group });
    await here.next(isOf("typing", group));
    await alice[1].call("PATCH", `/groups/${group}`, { title: "Orchard" });
    for (const socket of [here, there]) await socket.next(isOf("chat_changed", group));
  });

  test("one that is taken out on one node hears nothing on the other", async () => {
    const there = await follow(bob[1]);
    const group = await makeGroup(bob);
    await there.next(isOf("chat_added", group));
    await alice[0].call("DELETE", `/groups/${group}/members`, { user_ids: [bob[0].user.id] });
    await send(alice[0], group, "not for Bob");
    await there.next(isOf("chat_removed", group));
    await there.settle();
    expect(there.frames.filter(isOf("new_message", group))).toEqual([]);
  });

  test("without the bus, messages are found within one look at the database", async () => {
    const group = await makeGroup(bob);
    const there = await follow(bob[1]);
    nodes.wire.interrupt();
    await send(alice[0], group, "hello");
    await send(alice[0], group, "again");
    const { seq, version } = await there.next(isOf("position", group));
    expect({ seq, version }).toEqual({ seq: 2, version: 2 });
    const chats = [{ chat_id: group, seq: 0, version: 0 }];
    const { chats: changes } = (await there.request({ action: "catch_up", chats })) as Frame & {
      chats: { messages: { text: string }[] }[];
    };
    expect(changes[0]?.messages.map((message) => message.text)).toEqual(["hello", "again"]);
    nodes.wire.restore();
    await send(alice[0], group, "third");
    expect((await there.next(isOf("new_message", group))).data.version).toBe(3);
  });

  test("without the bus, people who come and go are found within one look at the database", async () => {
    const [left, deleted] = [await makeGroup(bob), await makeGroup(bob)];
    const there = await follow(bob[1]);
    nodes.wire.interrupt();
    const joined = await makeGroup(bob);
    await alice[0].call("DELETE", `/groups/${left}/members`, { user_ids: [bob[0].user.id] });
    await alice[0].call("DELETE", `/groups/${deleted}`);
    await there.next(isOf("chat_added", joined));
    await there.next(isOf("chat_removed", left));
    await there.next(isOf("chat_removed", deleted));
    nodes.wire.restore();
    await send(alice[0], left, "not for Bob");
    await send(alice[0], joined, "for Bob");
    expect((await there.next(isOf("new_message", joined))).data.text).toBe("for Bob");
    expect(there.frames.filter(isOf("new_message", left))).toEqual([]);
  });

  test("without the bus, what a person changes for themself is found within one look at the database", async () => {
    const group = await makeGroup(bob);
    await send(alice[0], group, "hello");
    const there = await follow(bob[1]);
    nodes.wire.interrupt();
    await bob[0].call("PATCH", `/chats/${group}/settings`, { is_pinned: true });
    const wasTold = (ownVersion: number) => (frame: Frame) =>
      isOf("position", group)(frame) && (frame as { own_version?: number }).own_version === ownVersion;
    await there.next(wasTold(1));
    await bob[0].call("PUT", `/chats/${group}/draft`, { text: "Dear Alice" });
    await there.next(wasTold(2));
    const here = await bob[0].connect();
    const [{ id }] = (await bob[0].call<[{ id: string }]>("GET", `/messages/history/${group}`)).body;
    here.send({ action: "message_read", chat_id: group, message_id: id });
    await there.next(wasTold(3));
  });

  test("without the bus, a device hears of a new chat also where another of the same person knew it before", async () => {
    const there = await follow(bob[1]);
    nodes.wire.interrupt();
    const group = await makeGroup(bob);
    await follow(bob[1]);
    await there.next((frame) => isOf("position", group)(frame) || isOf("chat_added", group)(frame));
  });

  test("without the bus, whoever finds out that they are in a chat hears it", async () => {
    await nodes[Symbol.asyncDispose]();
    nodes = await startNodes({ AUDIT_SECONDS: "600" });
    [alice, bob] = [await everywhere("Alice"), await everywhere("Bob")];
    const there = await follow(bob[1]);
    nodes.wire.interrupt();
    const group = await makeGroup(bob);
    const outsiders = await follow(await nodes.servers[1].person("Clara"));
    const chats = [{ chat_id: group, seq: 0, version: 0 }];
    await outsiders.request({ action: "catch_up", chats });
    await there.request({ action: "catch_up", chats });
    // What is asked afterwards is answered when that took effect.
    await there.request({ action: "join_chat", chat_id: group });
    await there.request({ action: "leave_chat", chat_id: group });
    await send(alice[1], group, "for Bob");
    expect((await there.next(isOf("new_message", group))).data.text).toBe("for Bob");
    await outsiders.settle();
    expect(outsiders.frames.filter(isOf("new_message", group))).toEqual([]);
  });

  test("a seed's client that is taken out while the bus is away is cut off within one look", async () => {
    const group = await makeGroup(bob);
    const there = await bob[1].connect(group);
    await send(alice[0], group, "before");
    await there.next(isOf("new_message", group));
    nodes.wire.interrupt();
    await alice[0].call("DELETE", `/groups/${group}/members`, { user_ids: [bob[0].user.id] });
    const witness = await follow(bob[1]);
    const probe = await makeGroup(bob);
    await witness.next(isOf("chat_added", probe));
    nodes.wire.restore();
    await send(alice[0], group, "not for Bob");
    await send(alice[1], group, "nor this");
    await there.settle();
    expect(there.frames.filter(isOf("new_message", group))).toHaveLength(1);
  });
});
