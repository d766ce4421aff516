import { describe, expect, test } from "bun:test";
import type { EventFrame } from "./frame.ts";
import { createFakeWorld } from "./fake-world.ts";

async function createRoom() {
  const world = createFakeWorld();
  const chat = world.server.chat("room", [world.alice, world.bob]);
  const client = await world.connected(world.alice);
  const actions = (name: string) =>
    world.server.sockets.frames.filter(({ action }) => action === name).length;
  const hear = async (frame: EventFrame) => {
    world.socket().deliver(frame);
    await world.clock.advance(2);
  };
  return { ...world, chat, client, actions, hear };
}

describe("a look", () => {
  test("joins the chat, and leaves it when nobody looks any more", async () => {
    const { client, chat, clock, actions, socket } = await createRoom();
    const first = client.look(chat.id);
    {
      using second = client.look(chat.id);
      await clock.advance(10);
      expect(socket().joined).toEqual(new Set([chat.id]));
      first.end();
      first.end();
      await clock.advance(10);
      expect(second).toBeDefined();
      expect(actions("leave_chat")).toBe(0);
    }
    await clock.advance(10);
    expect(socket().joined.size).toBe(0);
    expect(actions("join_chat")).toBe(1);
  });

  test("that ends while it is joining ends all the same", async () => {
    const { client, chat, clock, socket } = await createRoom();
    client.look(chat.id).end();
    await clock.advance(10);
    expect(socket().joined.size).toBe(0);
  });

  test("joins again on each connection", async () => {
    const { client, chat, clock, socket } = await createRoom();
    client.look(chat.id);
    await clock.advance(10);
    socket().cut();
    await clock.advance(1000);
    expect(socket().joined).toEqual(new Set([chat.id]));
  });
});

describe("presence", () => {
  const frame = (online_count: number, ...online: string[]) =>
    ({
      event: "presence",
      chat_id: "chat-room",
      online_count,
      users: online.map((user_id) => ({ user_id, is_online: true, last_seen_at: null })),
    }) as const;

  test("is put together from what changes", async () => {
    const { client, hear } = await createRoom();
    const presence = client.presence("chat-room");
    await hear(frame(1, "user-alice"));
    await hear(frame(2, "user-bob"));
    expect([...presence.get().users.keys()]).toEqual(["user-alice", "user-bob"]);
    const gone = { user_id: "user-bob", is_online: false, last_seen_at: "2026-01-31T09:00:00.000Z" };
    await hear({ ...frame(1), users: [gone] });
    expect(presence.get().onlineCount).toBe(1);
    expect(presence.get().users.get("user-bob")).toEqual({
      isOnline: false,
      lastSeenAt: gone.last_seen_at,
    });
  });

  test("begins anew on another connection, and is shown as it was until then", async () => {
    const { client, hear, socket, clock } = await createRoom();
    await hear(frame(2, "user-alice", "user-bob"));
    socket().cut();
    await clock.advance(1000);
    expect(client.presence("chat-room").get().onlineCount).toBe(2);
    await hear(frame(1, "user-alice"));
    expect([...client.presence("chat-room").get().users.keys()]).toEqual(["user-alice"]);
  });
});

describe("typing", () => {
  const typing = (name: string, expires_in_ms = 6000) =>
    ({
      event: "typing",
      chat_id: "chat-room",
      user_id: `user-${name}`,
      user_name: name,
      expires_in_ms,
    }) as const;

  test("is shown for the time that the server gives, longer when it comes again", async () => {
    const { client, hear, clock } = await createRoom();
    const names = () =>
      client
        .typing("chat-room")
        .get()
        .users.map(({ userName }) => userName);
    await hear(typing("bob"));
    await clock.advance(4000);
    await hear(typing("bob"));
    await hear(typing("carol", 1000));
    expect(names()).toEqual(["bob", "carol"]);
    await clock.advance(4000);
    expect(names()).toEqual(["bob"]);
    await clock.advance(2000);
    expect(names()).toEqual([]);
  });

  test("ends with the message, and with the connection", async () => {
    const { client, hear, clock, server, bob, chat, socket } = await createRoom();
    const count = () => client.typing("chat-room").get().count;
    await hear(typing("bob"));
    server.send(bob, chat, "There it is", null);
    await clock.advance(2);
    expect(count()).toBe(0);
    await hear({ event: "many_typing", chat_id: chat.id, count: 12, expires_in_ms: 6000 });
    expect(client.typing("chat-room").get()).toEqual({ users: [], count: 12 });
    socket().cut();
    expect(count()).toBe(0);
  });

  test("of many ends after its time", async () => {
    const { client, hear, clock, chat } = await createRoom();
    await hear({ event: "many_typing", chat_id: chat.id, count: 12, expires_in_ms: 6000 });
    await clock.advance(6000);
    expect(client.typing(chat.id).get().count).toBe(0);
  });

  test("is told every three seconds at most, and at once after what was written is sent", async () => {
    const { client, clock, chat, actions } = await createRoom();
    for (let time = 0; time < 70; time++) {
      client.sendTyping(chat.id);
      await clock.advance(100);
    }
    expect(actions("typing")).toBe(3);
    client.outbox.send(chat.id, "Sent");
    await clock.advance(10);
    client.sendTyping(chat.id);
    await clock.advance(10);
    expect(actions("typing")).toBe(4);
  });
});
