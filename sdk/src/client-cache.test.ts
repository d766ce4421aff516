import { describe, expect, test } from "bun:test";
import { createFakeCache } from "./fake-cache.ts";
import { createFakeWorld, textsOf } from "./fake-world.ts";

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

/** A chat that an earlier run of the program has shown. */
async function createKept(count: number) {
  const world = createFakeWorld();
  const { server, alice, bob, clock } = world;
  const { cache, control } = createFakeCache();
  const chat = server.chat("talk", [alice, bob]);
  for (let seq = 1; seq <= count; seq++) chat.send(bob, String(seq), null);
  const options = { cache, userId: alice.id };
  const before = await world.connected(alice, options);
  const shown = before.chatLog(chat.id);
  shown.subscribe(() => {});
  await clock.advance(2000);
  before.close();
  await clock.advance(10);
  const say = (text: string) => server.send(bob, chat, text, null);
  const start = () => world.client(alice, options);
  return { ...world, control, chat, say, start, options };
}

describe("a log that was kept", () => {
  test("is its end, 60 messages at most, with its position", async () => {
    const { control, chat, start, clock } = await createKept(50);
    expect(control.logs.get(chat.id)).toMatchObject({ position: chat.position() });
    const client = start();
    const log = client.chatLog(chat.id);
    log.subscribe(() => {});
    client.connect();
    await clock.advance(10);
    for (let count = 0; count < 20; count++) client.outbox.send(chat.id, "mine");
    await clock.advance(3000);
    expect(log.get().messages).toHaveLength(70);
    expect(control.logs.get(chat.id)?.messages.map(({ seq }) => seq)).toEqual(numbers(11, 70).map(Number));
  });

  test("is shown at once and without a network, and says so", async () => {
    const { start, chat, clock, settle, server } = await createKept(3);
    const calls = server.calls.length;
    const log = start().chatLog(chat.id);
    log.subscribe(() => {});
    await settle();
    expect(log.get()).toMatchObject({ status: "ready", isFromCache: true, isAtEnd: true });
    expect(textsOf(log.get().messages)).toEqual(["1", "2", "3"]);
    await clock.advance(60_000);
    expect(server.calls).toHaveLength(calls);
  });

  test("is made current by catching up, without reading the history", async () => {
    const { start, chat, clock, server, say } = await createKept(3);
    say("4");
    server.edit(chat, 2, "two");
    const calls = server.calls.length;
    const client = start();
    const log = client.chatLog(chat.id);
    log.subscribe(() => {});
    client.connect();
    await clock.advance(20);
    expect(textsOf(log.get().messages)).toEqual(["1", "two", "3", "4"]);
    expect(log.get().isFromCache).toBe(false);
    expect(server.calls).toHaveLength(calls);
  });

  test("that is current is told to be so by the connection alone", async () => {
    const { start, chat, clock, server } = await createKept(3);
    const client = start();
    const log = client.chatLog(chat.id);
    log.subscribe(() => {});
    client.connect();
    await clock.advance(20);
    expect(log.get()).toMatchObject({ isFromCache: false, status: "ready" });
    expect(server.sockets.frames.filter(({ action }) => action === "catch_up")).toEqual([]);
  });

  test("too far behind is read again, and is not kept half", async () => {
    const { start, chat, clock, server, say, control } = await createKept(3);
    for (let seq = 4; seq <= 60; seq++) say(String(seq));
    const client = start();
    const log = client.chatLog(chat.id);
    log.subscribe(() => {});
    server.road.faults.callMs = 3000;
    client.connect();
    await clock.advance(1000);
    expect(log.get().isFromCache).toBe(true);
    expect(control.logs.get(chat.id)?.position.seq).toBe(3);
    await clock.advance(6000);
    expect(log.get()).toMatchObject({ isFromCache: false, isAtEnd: true });
    expect(textsOf(log.get().messages)).toEqual(numbers(11, 60));
    expect(control.logs.get(chat.id)).toMatchObject({ position: chat.position() });
  });

  test("with too many edits to tell is not kept as current before it is read again", async () => {
    const { start, chat, clock, server, say, control, socket } = await createKept(40);
    const client = start();
    client.chatLog(chat.id).subscribe(() => {});
    client.connect();
    await clock.advance(100);
    socket().cut();
    for (let seq = 1; seq <= 30; seq++) chat.edit(`${chat.id}-${seq}`, "edited");
    server.road.faults.callMs = 10_000;
    await clock.advance(1000);
    say("41");
    await clock.advance(3000);
    expect(control.logs.get(chat.id)?.position).toMatchObject({ seq: 40, version: 40 });
    await clock.advance(20_000);
    expect(control.logs.get(chat.id)?.position).toEqual(chat.position());
    expect(textsOf(control.logs.get(chat.id)?.messages ?? [])[0]).toBe("edited");
  });

  test("of a chat that was left meanwhile is gone, and is not kept any more", async () => {
    const { start, chat, clock, server, alice, control } = await createKept(3);
    server.expel(chat, alice);
    const client = start();
    const log = client.chatLog(chat.id);
    log.subscribe(() => {});
    client.connect();
    await clock.advance(20);
    expect(log.get().status).toBe("gone");
    expect(control.logs.size).toBe(0);
  });

  test("opens around a message that is in it; else the server has it", async () => {
    const { start, chat, clock, settle } = await createKept(80);
    const client = start();
    const near = client.chatLog(chat.id);
    void near.loadAround(60);
    const far = client.chatLog(chat.id);
    void far.loadAround(10);
    await settle();
    expect(near.get()).toMatchObject({ status: "ready", isFromCache: true });
    expect(far.get().status).toBe("loading");
    client.connect();
    await clock.advance(20);
    expect(textsOf(far.get().messages).slice(0, 12)).toEqual(numbers(1, 12));
  });

  test("is not shown where the chat is followed already from further on", async () => {
    const { start, chat, clock, server, say } = await createKept(300);
    say("301");
    const client = start();
    client.connect();
    await clock.advance(20);
    const log = client.chatLog(chat.id);
    server.road.faults.callMs = 100;
    void log.loadAround(10);
    await clock.advance(10);
    void log.loadEnd();
    await clock.advance(1000);
    expect(log.get().isAtEnd).toBe(true);
    expect(textsOf(log.get().messages).at(-1)).toBe("301");
  });

  test("does not show a message beside its entry of the outbox, also before there is a token", async () => {
    const { start, chat, clock, settle, alice, control, server } = await createKept(1);
    chat.send(alice, "mine", "key of mine");
    control.logs.set(chat.id, structuredClone({ messages: chat.messages(), position: chat.position() }));
    const client = start();
    client.outbox.send(chat.id, "mine", { key: "key of mine" });
    server.sockets.control.isDown = true;
    const log = client.chatLog(chat.id);
    log.subscribe(() => {});
    await settle();
    expect(textsOf(log.get().messages)).toEqual(["1", "mine"]);
    expect(log.get().pending).toEqual([]);
    await clock.advance(1);
  });

  test("is not overwritten by a part of the chat that is not its end", async () => {
    const { start, chat, clock, control, say } = await createKept(200);
    const client = start();
    const log = client.chatLog(chat.id);
    client.connect();
    void log.loadAround(20);
    await clock.advance(10);
    say("201");
    await clock.advance(2000);
    expect(log.get().isAtEnd).toBe(false);
    expect(control.logs.get(chat.id)?.position.seq).toBe(200);
  });
});

describe("a cache", () => {
  test("is written when it has been quiet for half a second, and at least every five", async () => {
    const { start, chat, clock, control, say } = await createKept(3);
    const client = start();
    client.chatLog(chat.id).subscribe(() => {});
    client.connect();
    await clock.advance(10);
    control.writes.length = 0;
    say("4");
    await clock.advance(400);
    say("5");
    await clock.advance(400);
    expect(control.writes).toEqual([]);
    await clock.advance(200);
    expect(control.writes).toEqual([`log ${chat.id}`]);
    for (let count = 0; count < 20; count++) {
      say("more");
      await clock.advance(400);
    }
    expect(control.writes).toHaveLength(2);
    say("last");
    await clock.advance(5);
    client.close();
    await clock.advance(0);
    expect(control.logs.get(chat.id)?.position).toEqual(chat.position());
  });

  test("is written at once when the program may end", async () => {
    const { control, chat, start, say, clock } = await createKept(3);
    const client = start();
    client.chatLog(chat.id).subscribe(() => {});
    client.connect();
    await clock.advance(2000);
    say("4");
    await clock.advance(10);
    expect(control.logs.get(chat.id)?.messages).toHaveLength(3);
    client.keep();
    await clock.advance(0);
    expect(control.logs.get(chat.id)?.messages).toHaveLength(4);
  });

  test("that fails is as none", async () => {
    const { start, chat, clock, control, say } = await createKept(3);
    control.isBroken = true;
    const client = start();
    const log = client.chatLog(chat.id);
    log.subscribe(() => {});
    client.connect();
    await clock.advance(10);
    expect(log.get()).toMatchObject({ status: "ready", isFromCache: false });
    say("4");
    await clock.advance(2000);
    expect(textsOf(log.get().messages)).toEqual(["1", "2", "3", "4"]);
  });
});
