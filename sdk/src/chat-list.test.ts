import { describe, expect, test } from "bun:test";
import { createFakeWorld } from "./fake-world.ts";

async function createList(count = 2) {
  const world = createFakeWorld();
  const { server, alice, bob, clock } = world;
  const chats = [];
  for (let index = 0; index < count; index++) {
    await clock.advance(1000);
    chats.push(server.chat(String(index), [alice, bob]));
  }
  const client = await world.connected(alice);
  void client.chats.loadMore();
  await clock.advance(10);
  const ids = () => client.chats.get().chats.map(({ id }) => id);
  const [first, second] = chats;
  if (!first || !second) throw new Error("Too few chats");
  const calls = (path: RegExp) => server.calls.filter((call) => path.test(call)).length;
  return { ...world, chats, first, second, client, ids, calls };
}

/** The list must be as the server would tell it now. */
const expectCurrent = ({ client, chats, alice }: Awaited<ReturnType<typeof createList>>) => {
  for (const chat of chats) expect(client.chats.find(chat.id)).toEqual(chat.summaryFor(alice.id));
};

describe("the list of chats", () => {
  test("is empty until it is asked for, and then has the latest activity first, page by page", async () => {
    const list = await createList(60);
    expect(list.ids()).toHaveLength(50);
    expect(list.ids()[0]).toBe("chat-59");
    expect(list.client.chats.get()).toMatchObject({ hasMore: true, isLoading: false });
    void list.client.chats.loadMore();
    await list.clock.advance(10);
    expect(list.ids()).toHaveLength(60);
    expect(list.client.chats.get().hasMore).toBe(false);
    await list.client.chats.loadMore();
    expect(list.calls(/summaries/)).toBe(2);
  });

  test("that is read while the connection begins asks for no chat by itself, and misses none that moves meanwhile", async () => {
    const world = createFakeWorld();
    const { server, alice, bob, clock } = world;
    const chats = Array.from({ length: 300 }, (_, index) => server.chat(String(index), [alice, bob]));
    const client = world.client(alice);
    server.road.faults.callMs = 100;
    client.connect();
    void client.chats.loadMore().then(client.chats.loadAll);
    await clock.advance(150);
    const last = chats.find(({ id }) => !client.chats.find(id));
    if (last) server.send(bob, last, "Hello", null);
    await clock.advance(5000);
    expect(client.chats.get().chats).toHaveLength(300);
    expect(last && client.chats.find(last.id)?.unread_count).toBe(1);
    expect(server.calls.filter((call) => call.endsWith("summary")).length).toBeLessThanOrEqual(2);
  });

  test("a message raises its chat, and counts as unread and as a mention", async () => {
    const list = await createList();
    const { server, bob, first, client, clock, alice } = list;
    await clock.advance(1000);
    server.send(bob, first, "Hello", null);
    server.send(bob, first, "Alice?", null, [alice.id]);
    await clock.advance(10);
    expect(list.ids()).toEqual([first.id, list.second.id]);
    expect(client.chats.find(first.id)).toMatchObject({ unread_count: 2, mention_count: 1, seq: 2 });
    expectCurrent(list);
    expect(list.calls(/summary$/)).toBe(0);
  });

  test("one's own message leaves nothing unread", async () => {
    const list = await createList();
    const { server, alice, bob, first, clock } = list;
    server.send(bob, first, "Hello", null);
    server.send(alice, first, "Hello to you", null);
    await clock.advance(10);
    expect(list.client.chats.find(first.id)).toMatchObject({ unread_count: 0, read_seq: 2 });
    expectCurrent(list);
  });

  test("what is deleted unread is not unread any more; an edited last message is shown as it is", async () => {
    const list = await createList();
    const { server, bob, first, clock } = list;
    for (const text of ["1", "2", "3"]) server.send(bob, first, text, null);
    server.remove(first, 2);
    server.edit(first, 3, "three");
    await clock.advance(10);
    expect(list.client.chats.find(first.id)).toMatchObject({
      unread_count: 2,
      last_message: { text: "three" },
    });
    expectCurrent(list);
  });

  test("has a group's other title", async () => {
    const list = await createList();
    list.server.rename(list.second, "Sunday walks");
    await list.clock.advance(10);
    expect(list.client.chats.find(list.second.id)?.name).toBe("Sunday walks");
    expectCurrent(list);
  });

  test("asks the server where only it can count", async () => {
    const list = await createList();
    const { server, bob, alice, first, clock } = list;
    for (let seq = 1; seq <= 5; seq++) server.send(bob, first, "Alice?", null, [alice.id]);
    server.remove(first, 4);
    await clock.advance(10);
    expect(list.client.chats.find(first.id)?.mention_count).toBe(4);
    expectCurrent(list);
    list.client.chats.markRead(first.id, { id: `${first.id}-2`, seq: 2 });
    await clock.advance(20);
    expectCurrent(list);
  });

  test("has chats that the user comes into, and not those that the user leaves", async () => {
    const list = await createList();
    const { server, alice, bob, clock, ids } = list;
    await clock.advance(1000);
    const third = server.chat("third", [alice, bob]);
    await clock.advance(10);
    expect(ids()).toEqual([third.id, list.second.id, list.first.id]);
    server.expel(list.second, alice);
    await clock.advance(10);
    expect(ids()).toEqual([third.id, list.first.id]);
  });

  test("after a time without a connection has what happened meanwhile", async () => {
    const list = await createList(60);
    const { server, alice, bob, first, second, clock, ids, chats } = list;
    list.socket().cut();
    await clock.advance(100);
    const [newest] = chats.slice(-1);
    if (!newest) throw new Error("No chats");
    server.send(bob, newest, "In a chat of the first page", null);
    // Not on the first page.
    server.send(bob, second, "In a chat that is not in the list", null);
    server.chat("joined", [alice, bob]);
    server.expel(newest, alice);
    await clock.advance(1000);
    expect(ids().slice(0, 2).toSorted()).toEqual(["chat-1", "chat-joined"]);
    expect(ids()).not.toContain(newest.id);
    expect(ids()).not.toContain(first.id);
    expect(list.client.chats.find(second.id)).toEqual(second.summaryFor(alice.id));
  });
});

describe("marking as read", () => {
  test("shows at once, and tells the server once", async () => {
    const list = await createList();
    const { server, bob, first, client, clock, alice } = list;
    server.send(bob, first, "Hello", null);
    await clock.advance(10);
    client.chats.markRead(first.id);
    client.chats.markRead(first.id);
    expect(client.chats.find(first.id)).toMatchObject({ unread_count: 0, read_seq: 1 });
    await clock.advance(10);
    expect(first.summaryFor(alice.id).read_seq).toBe(1);
    expect(server.sockets.frames.filter(({ action }) => action === "message_read")).toHaveLength(1);
  });

  test("is kept until there is a connection, the furthest only", async () => {
    const list = await createList();
    const { server, bob, first, client, clock, alice } = list;
    for (const text of ["1", "2", "3"]) server.send(bob, first, text, null);
    await clock.advance(10);
    list.socket().cut();
    for (const seq of [1, 3, 2]) client.chats.markRead(first.id, { id: `${first.id}-${seq}`, seq });
    await clock.advance(1000);
    expect(first.summaryFor(alice.id).read_seq).toBe(3);
    expect(server.sockets.frames.filter(({ action }) => action === "message_read")).toHaveLength(1);
    expectCurrent(list);
  });

  test("on another device counts here too", async () => {
    const list = await createList();
    const { server, bob, alice, first, client, clock } = list;
    for (const text of ["1", "2", "3"]) server.send(bob, first, text, null);
    const phone = await list.connected(alice);
    void phone.chats.loadMore();
    await clock.advance(10);
    phone.chats.markRead(first.id, { id: `${first.id}-2`, seq: 2 });
    await clock.advance(20);
    expect(client.chats.find(first.id)).toMatchObject({ unread_count: 1, read_seq: 2 });
    expectCurrent(list);
  });

  test("that is heard of before the message, or before the list, is not forgotten", async () => {
    const list = await createList();
    const { bob, alice, first, second, client, clock, server } = list;
    const { message } = first.send(bob, "Hello", null);
    first.read(alice.id, 1);
    const own_version = first.ownVersion(alice.id);
    list.socket().deliver({ event: "chat_read", chat_id: first.id, read_seq: 1, own_version });
    await clock.advance(5);
    list.socket().deliver({ event: "new_message", data: message });
    await clock.advance(5);
    expect(client.chats.find(first.id)).toMatchObject({ unread_count: 0, read_seq: 1 });

    server.send(bob, second, "Hello", null);
    const phone = await list.connected(alice);
    server.road.faults.callMs = 100;
    void phone.chats.loadMore();
    await clock.advance(60);
    client.chats.markRead(second.id);
    await clock.advance(100);
    expect(phone.chats.find(second.id)).toMatchObject({ unread_count: 0, read_seq: 1 });
  });
});

describe("what the user sets on another device", () => {
  test("pins a chat here, and unpins it", async () => {
    const list = await createList(3);
    const { server, alice, first, clock, ids, calls } = list;
    server.set(first, alice, { is_pinned: true });
    await clock.advance(10);
    expect(ids()).toEqual(["chat-0", "chat-2", "chat-1"]);
    server.set(first, alice, { is_pinned: false });
    await clock.advance(10);
    expect(ids()).toEqual(["chat-2", "chat-1", "chat-0"]);
    expect(calls(/summary$/)).toBe(0);
    expectCurrent(list);
  });

  test("brings a chat here that the list does not have", async () => {
    const list = await createList(60);
    list.server.set(list.first, list.alice, { is_pinned: true });
    await list.clock.advance(20);
    expect(list.ids()[0]).toBe(list.first.id);
  });

  test("marks a chat as unread until it is read so far, one's own messages included", async () => {
    const list = await createList();
    const { server, alice, bob, first, client, clock } = list;
    for (const text of ["1", "2", "3"]) server.send(bob, first, text, null);
    await clock.advance(10);
    client.chats.markRead(first.id);
    await clock.advance(10);
    server.set(first, alice, { unread_from: 2 });
    await clock.advance(20);
    expect(client.chats.find(first.id)).toMatchObject({ read_seq: 1, unread_count: 2 });
    expectCurrent(list);
    server.send(alice, first, "4", null);
    await clock.advance(10);
    expect(client.chats.find(first.id)).toMatchObject({ read_seq: 1, unread_count: 3 });
    server.remove(first, 4);
    await clock.advance(10);
    expectCurrent(list);
    client.chats.markRead(first.id, { id: `${first.id}-2`, seq: 2 });
    expect(client.chats.find(first.id)?.settings.unread_from).toBeNull();
    await clock.advance(20);
    expect(client.chats.find(first.id)).toMatchObject({ read_seq: 4, unread_count: 0 });
    expectCurrent(list);
  });

  test("marks a chat as unread that one has not read so far: writing reads up to the mark", async () => {
    const list = await createList();
    const { server, alice, bob, first, client, clock } = list;
    for (const text of ["1", "2", "3"]) server.send(bob, first, text, null);
    server.set(first, alice, { unread_from: 3 });
    await clock.advance(20);
    expect(client.chats.find(first.id)).toMatchObject({ read_seq: 0, unread_count: 3 });
    server.send(alice, first, "4", null);
    await clock.advance(20);
    expect(client.chats.find(first.id)).toMatchObject({ read_seq: 2, unread_count: 2 });
    expectCurrent(list);
  });

  test("takes a mark away, and the chat is read again", async () => {
    const list = await createList();
    const { server, alice, bob, first, client, clock } = list;
    server.send(bob, first, "Hello", null);
    await clock.advance(10);
    client.chats.markRead(first.id);
    for (const unread_from of [1, null]) {
      server.set(first, alice, { unread_from });
      await clock.advance(20);
      expectCurrent(list);
    }
    expect(client.chats.find(first.id)).toMatchObject({ read_seq: 1, unread_count: 0 });
  });

  test("while there is no connection is here after the next begins, also where all is read", async () => {
    const list = await createList();
    const { server, alice, first, clock, ids, socket } = list;
    socket().cut();
    server.set(first, alice, { is_pinned: true });
    await clock.advance(3000);
    expect(ids()).toEqual([first.id, list.second.id]);
    expectCurrent(list);
  });

  test("is here after the next connection begins, also where other chats have come before it", async () => {
    const list = await createList();
    const { server, alice, bob, first, client, clock, socket } = list;
    socket().cut();
    await clock.advance(1);
    server.write(first, alice, "Dear");
    server.road.faults.callMs = 100;
    while (client.connection.get().phase !== "subscribed") await clock.advance(1);
    // The list asks a second later, for as many chats as it has then.
    await clock.advance(1010);
    for (const name of ["third", "fourth"]) server.chat(name, [alice, bob]);
    await clock.advance(1000);
    expectCurrent(list);
  });

  test("outlasts an answer that was on its way", async () => {
    const list = await createList();
    const { server, alice, bob, first, clock } = list;
    server.send(bob, first, "Hello", null);
    const phone = await list.connected(alice);
    server.road.faults.callMs = 100;
    void phone.chats.loadMore();
    await clock.advance(60);
    server.set(first, alice, { is_pinned: true, unread_from: 1 });
    await clock.advance(300);
    expect(phone.chats.find(first.id)).toEqual(first.summaryFor(alice.id));
    expect(phone.chats.find(first.id)?.settings.is_pinned).toBe(true);
  });

  test("leaves a draft here, and takes it away", async () => {
    const list = await createList();
    const { server, alice, first, client, clock, calls } = list;
    server.write(first, alice, "Dear");
    await clock.advance(10);
    expect(client.chats.find(first.id)?.draft?.text).toBe("Dear");
    expectCurrent(list);
    server.write(first, alice, "");
    await clock.advance(10);
    expect(client.chats.find(first.id)?.draft).toBeNull();
    expect(calls(/summary$/)).toBe(0);
  });

  test("leaves a draft that an answer on its way does not undo", async () => {
    const list = await createList();
    const { server, alice, first, clock } = list;
    const phone = await list.connected(alice);
    server.road.faults.callMs = 100;
    void phone.chats.loadMore();
    await clock.advance(60);
    server.write(first, alice, "Dear");
    await clock.advance(300);
    expect(phone.chats.find(first.id)?.draft?.text).toBe("Dear");
  });
});
