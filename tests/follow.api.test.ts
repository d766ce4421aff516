import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ChatInfo, GroupInfo } from "@windi/protocol";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";
import type { Frame, TestSocket } from "./socket.ts";

const idsOf = (people: Person[]) => people.map((person) => person.user.id);

async function makeGroup(creator: Person, ...members: Person[]): Promise<string> {
  const body = { title: "Garden", member_ids: idsOf(members) };
  return (await creator.call<GroupInfo>("POST", "/groups", body)).body.id;
}

async function follow(person: Person): Promise<TestSocket> {
  const socket = await person.connect();
  expect((await socket.request({ action: "subscribe" })).status).toBe("subscribed");
  return socket;
}

/** All of a chat but who is online. */
const eventsOf = (socket: TestSocket, chatId: string) =>
  socket.frames.filter(
    ({ event, ...frame }) => event !== undefined && event !== "presence" && chatOf(frame) === chatId,
  );

const chatOf = (frame: Frame) =>
  frame.chat_id ?? frame.data?.chat_id ?? (frame as { chat?: { id: string } }).chat?.id;

describe.each<DatabaseKind>(["embedded", "server"])("following everything on the %s database", (database) => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;
  let carol: Person;

  beforeAll(async () => {
    server = await startServer({ database });
    [alice, bob, carol] = (await Promise.all(["Alice", "Bob", "Carol"].map(server.person))) as [
      Person,
      Person,
      Person,
    ];
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("tells where each chat is, and then of every message in them, once", async () => {
    const chat = await makeGroup(alice, bob);
    await alice.call("POST", `/chats/${chat}/messages`, { text: "before" });
    const socket = await bob.connect();
    const { chats, is_complete } = (await socket.request({ action: "subscribe" })) as Frame & {
      chats: object[];
    };
    expect(is_complete).toBe(true);
    expect(chats).toContainEqual({ chat_id: chat, seq: 1, version: 1 });
    await alice.call("POST", `/chats/${chat}/messages`, { text: "after" });
    const heard = await socket.next((frame) => frame.event === "new_message" && frame.data.chat_id === chat);
    expect(heard.data).toMatchObject({ seq: 2, version: 2, text: "after" });
    expect(eventsOf(socket, chat)).toHaveLength(1);
  });

  test("is for one's own chats", async () => {
    const chat = await makeGroup(alice, bob);
    const socket = await follow(carol);
    await alice.call("POST", `/chats/${chat}/messages`, { text: "not for Carol" });
    await socket.settle();
    expect(eventsOf(socket, chat)).toEqual([]);
  });

  test("reaches personal chats and groups that are made later, on all devices of all in them", async () => {
    const sockets = await Promise.all([alice, alice, bob].map(follow));
    const dora = await server.person("Dora");
    const { body: personal } = await alice.call<ChatInfo>("POST", "/chats", { user_id: dora.user.id });
    const group = await makeGroup(alice, bob);
    for (const socket of sockets.slice(0, 2)) {
      const { chat } = (await socket.next(
        (frame) => frame.event === "chat_added" && chatOf(frame) === personal.id,
      )) as Frame & { chat: object };
      expect(chat).toMatchObject({ type: "personal", name: "Dora", peer: dora.user, unread_count: 0 });
    }
    for (const socket of sockets) {
      await socket.next((frame) => frame.event === "chat_added" && chatOf(frame) === group);
      await alice.call("POST", `/chats/${group}/messages`, { text: "hello" });
      const { data } = await socket.next((frame) => frame.event === "new_message");
      expect(data.chat_id).toBe(group);
    }
    expect(eventsOf(sockets[2]!, personal.id)).toEqual([]);
  });

  test("a group's life is told in the order of versions, without a hole", async () => {
    const group = await makeGroup(alice, bob);
    const socket = await follow(bob);
    const members = `/groups/${group}/members`;
    const { body: message } = await alice.call<{ id: string }>("POST", `/chats/${group}/messages`, {
      text: "helo",
    });
    await alice.call("PATCH", `/chats/${group}/messages/${message.id}`, { text: "hello" });
    await alice.call("POST", members, { user_ids: [carol.user.id] });
    await alice.call("PATCH", `/groups/${group}`, { title: "Kitchen garden" });
    await alice.call("DELETE", `/chats/${group}/messages/${message.id}`);
    await alice.call("DELETE", members, { user_ids: [carol.user.id] });
    await socket.next((frame) => frame.event === "members_removed");
    const events = eventsOf(socket, group);
    expect(events.map((frame) => frame.event)).toEqual([
      "new_message",
      "message_changed",
      "members_added",
      "chat_changed",
      "message_changed",
      "members_removed",
    ]);
    expect(events.map((frame) => frame["version"] ?? frame.data.version)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(events[1]?.data).toMatchObject({ seq: 1, text: "hello", deleted_at: null });
    expect(events[2]).toMatchObject({ user_ids: [carol.user.id], member_count: 3 });
    expect(events[3]).toMatchObject({ title: "Kitchen garden" });
    expect(events[4]?.data).toMatchObject({ seq: 1, text: "", mentions: [] });
    expect(events[5]).toMatchObject({ user_ids: [carol.user.id], member_count: 2 });
  });

  test("ends at once for a chat that one leaves, is taken out of, or that is deleted", async () => {
    const ends: ((group: string) => Promise<unknown>)[] = [
      (group) => bob.call("POST", `/groups/${group}/leave`),
      (group) => alice.call("DELETE", `/groups/${group}/members`, { user_ids: [bob.user.id] }),
      (group) => alice.call("DELETE", `/groups/${group}`),
    ];
    const socket = await follow(bob);
    for (const end of ends) {
      const group = await makeGroup(alice, bob);
      await socket.next((frame) => frame.event === "chat_added" && chatOf(frame) === group);
      await socket.request({ action: "join_chat", chat_id: group });
      await end(group);
      await alice.call("POST", `/chats/${group}/messages`, { text: "not for Bob" });
      await socket.settle();
      expect(eventsOf(socket, group).map((frame) => frame.event)).toEqual(["chat_added", "chat_removed"]);
    }
  });

  test("reading is told to one's own devices, and to the writer as long as it is news", async () => {
    const dave = await server.person("Dave");
    const group = await makeGroup(alice, bob, carol, dave);
    const [writer, phone, laptop, ...others] = (await Promise.all(
      [alice, bob, bob, carol, dave].map(follow),
    )) as [TestSocket, TestSocket, TestSocket, TestSocket, TestSocket];
    const { data: message } = await writer.request({ action: "send_message", chat_id: group, text: "hello" });
    for (const socket of [phone, ...others]) {
      const read = { action: "message_read", chat_id: group, message_id: message.id };
      expect((await socket.request(read)).event).toBe("message_read");
    }
    const ownRead = { event: "chat_read", chat_id: group, read_seq: 1, own_version: 1 };
    for (const socket of [phone, laptop])
      expect(await socket.next((frame) => frame.event === "chat_read")).toEqual(ownRead);
    await writer.settle();
    const reads = eventsOf(writer, group).filter((frame) => frame.event === "message_read");
    // Two have read it, whoever wrote it: a third changes nothing but for those who look at the chat.
    expect(reads.map((frame) => frame.data.user_id)).toEqual([bob.user.id, carol.user.id]);
  });

  test("who looks at a chat hears of every reader, and of writing", async () => {
    const group = await makeGroup(alice, bob, carol);
    const writer = await follow(alice);
    await writer.request({ action: "join_chat", chat_id: group });
    const { data: message } = await writer.request({ action: "send_message", chat_id: group, text: "hello" });
    for (const reader of [bob, carol]) {
      const socket = await follow(reader);
      await socket.request({ action: "message_read", chat_id: group, message_id: message.id });
      socket.send({ action: "typing", chat_id: group });
      await socket.settle();
    }
    await writer.next((frame) => frame.event === "typing" && frame["user_id"] === carol.user.id);
    const reads = eventsOf(writer, group).filter((frame) => frame.event === "message_read");
    expect(reads.map((frame) => frame.data.user_id)).toEqual([bob.user.id, carol.user.id]);
    expect(writer.frames.filter((frame) => frame.event === "new_message")).toHaveLength(1);
  });

  test("the seed's clients hear the seed's events alone", async () => {
    const group = await makeGroup(alice, bob);
    const socket = await bob.connect(group);
    const { body: message } = await alice.call<{ id: string }>("POST", `/chats/${group}/messages`, {
      text: "one",
    });
    await alice.call("PATCH", `/chats/${group}/messages/${message.id}`, { text: "two" });
    await alice.call("PATCH", `/groups/${group}`, { title: "Orchard" });
    await alice.call("POST", `/groups/${group}/members`, { user_ids: [carol.user.id] });
    await makeGroup(alice, bob);
    await socket.settle();
    expect(socket.frames.map((frame) => frame.event ?? frame.status)).toEqual([
      "joined",
      "new_message",
      "left",
    ]);
  });

  test("a device that was away catches up with what it missed, and only with that", async () => {
    const group = await makeGroup(alice, bob);
    const send = async (text: string) =>
      (await alice.call<{ id: string }>("POST", `/chats/${group}/messages`, { text })).body;
    const first = await send("one");
    const socket = await follow(bob);
    await alice.call("PATCH", `/chats/${group}/messages/${first.id}`, { text: "ONE" });
    await send("two");
    const chats = [{ chat_id: group, seq: 1, version: 1 }];
    const answer = (await socket.request({ action: "catch_up", chats })) as Frame & { chats: object[] };
    expect(answer.chats).toMatchObject([
      {
        outcome: "changes",
        ...{ chat_id: group, seq: 2, version: 3, is_info_changed: false },
        messages: [
          { seq: 1, version: 2, text: "ONE" },
          { seq: 2, version: 3, text: "two" },
        ],
      },
    ]);
    const stranger = await follow(carol);
    const refused = (await stranger.request({ action: "catch_up", chats })) as Frame & { chats: object[] };
    expect(refused.chats).toEqual([{ outcome: "gone", chat_id: group }]);
  });
});
