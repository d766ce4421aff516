import { describe, expect, test } from "bun:test";
import type { ChatLog } from "./chat-log.ts";
import { createFakeWorld, textsOf } from "./fake-world.ts";

/** A chat with messages "1", "2", … of Bob, and Alice's log of it. */
async function createTalk(count: number) {
  const world = createFakeWorld();
  const chat = world.server.chat("talk", [world.alice, world.bob]);
  for (let seq = 1; seq <= count; seq++) chat.send(world.bob, String(seq), null);
  const client = await world.connected(world.alice);
  const log = client.chatLog(chat.id);
  const texts = () => textsOf(log.get().messages);
  const say = (text: string) => world.server.send(world.bob, chat, text, null);
  return { ...world, chat, client, log, texts, say };
}

const open = (log: ChatLog) => log.subscribe(() => {});
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
const catchUps = ({ server }: Pick<Awaited<ReturnType<typeof createTalk>>, "server">) =>
  server.sockets.frames.filter(({ action }) => action === "catch_up");

describe("a log", () => {
  test("does nothing before somebody looks", async () => {
    const { log, server, clock } = await createTalk(3);
    await clock.advance(1000);
    expect(log.get()).toMatchObject({ status: "idle", messages: [] });
    expect(server.calls).toEqual([]);
  });

  test("shows what was written before it was opened", async () => {
    const { client, chat } = await createTalk(3);
    client.outbox.send(chat.id, "on its way");
    const log = client.chatLog(chat.id);
    expect(log.get().pending.map(({ text }) => text)).toEqual(["on its way"]);
  });

  test("begins with the newest page, and ends with what is sent", async () => {
    const { log, clock, texts, say } = await createTalk(60);
    open(log);
    expect(log.get().status).toBe("loading");
    await clock.advance(10);
    expect(log.get()).toMatchObject({ status: "ready", isAtStart: false, isAtEnd: true, endSeq: 60 });
    say("61");
    await clock.advance(10);
    expect(texts()).toEqual(numbers(11, 61));
  });

  test("of an empty chat is ready, and takes the first message", async () => {
    const { log, clock, texts, say } = await createTalk(0);
    open(log);
    await clock.advance(10);
    expect(log.get()).toMatchObject({ status: "ready", isAtStart: true, isAtEnd: true });
    say("1");
    await clock.advance(10);
    expect(texts()).toEqual(["1"]);
  });

  test("is told of once for each change, with another array", async () => {
    const { log, clock, say } = await createTalk(1);
    open(log);
    await clock.advance(10);
    const seen: (readonly unknown[])[] = [];
    log.subscribe(({ messages }) => seen.push(messages));
    say("2");
    await clock.advance(10);
    expect(seen.map(({ length }) => length)).toEqual([1, 2]);
  });

  test("what is sent, edited and deleted while the first page is on its way is neither lost nor doubled", async () => {
    const { log, clock, chat, server, texts, say } = await createTalk(3);
    open(log);
    await clock.advance(1);
    say("4");
    server.edit(chat, 2, "two");
    await clock.advance(1);
    say("5");
    server.remove(chat, 1);
    await clock.advance(10);
    expect(texts()).toEqual(["", "two", "3", "4", "5"]);
  });

  test("what is edited while an older page is on its way is current in it", async () => {
    const { log, clock, chat, server, texts } = await createTalk(80);
    open(log);
    await clock.advance(10);
    server.road.faults.callMs = 100;
    void log.loadOlder();
    await clock.advance(60);
    // The page has been read, and has not come yet.
    server.edit(chat, 5, "five");
    await clock.advance(100);
    expect(texts()).toEqual([...numbers(1, 4), "five", ...numbers(6, 80)]);
    expect(log.get().isAtStart).toBe(true);
  });

  test("whoever hears of a page can ask for the one before it at once", async () => {
    const { log, clock, texts } = await createTalk(300);
    log.subscribe(({ status, messages }) => {
      if (status === "ready" && messages.length < 200) void log.loadOlder();
    });
    await clock.advance(1000);
    expect(texts()).toEqual(numbers(101, 300));
  });

  test("around a message is not at the end, and gets there page by page", async () => {
    const { log, clock, texts, say, chat, server } = await createTalk(300);
    const loading = log.loadAround(100);
    await clock.advance(10);
    await loading;
    expect(log.get()).toMatchObject({ isAtStart: false, isAtEnd: false, endSeq: 300 });
    say("301");
    server.edit(chat, 100, "hundred");
    await clock.advance(10);
    expect(texts()).toContain("hundred");
    expect(texts()).not.toContain("301");
    expect(log.get().endSeq).toBe(301);
    while (!log.get().isAtEnd) {
      void log.loadNewer();
      await clock.advance(10);
    }
    expect(texts().at(-1)).toBe("301");
    say("302");
    await clock.advance(10);
    expect(texts()).toEqual([...numbers(50, 99), "hundred", ...numbers(101, 302)]);
  });

  test("tries again by itself when a page does not come, and says why meanwhile", async () => {
    const { log, clock, server, texts } = await createTalk(2);
    server.refusals.push({
      path: /history/,
      status: 503,
      code: "overloaded",
      headers: { "retry-after": "2" },
    });
    open(log);
    await clock.advance(1000);
    expect(log.get()).toMatchObject({ status: "loading", error: { code: "overloaded" } });
    await clock.advance(1500);
    expect(log.get()).toMatchObject({ status: "ready", error: undefined });
    expect(texts()).toEqual(["1", "2"]);
  });

  test("of a chat that is not the user's is gone", async () => {
    const { client, clock } = await createTalk(1);
    const log = client.chatLog("chat-of-others");
    open(log);
    await clock.advance(10);
    expect(log.get()).toMatchObject({ status: "gone", error: { code: "chat_not_found" } });
  });

  test("is gone when the user is taken out, and back when the user is", async () => {
    const { alice, chat, server, log, clock, texts, say } = await createTalk(1);
    open(log);
    await clock.advance(10);
    server.expel(chat, alice);
    await clock.advance(10);
    expect(log.get().status).toBe("gone");
    chat.members.set(alice.id, alice);
    say("2");
    await clock.advance(1000);
    expect(log.get().status).toBe("ready");
    expect(texts()).toEqual(["1", "2"]);
  });
});

test("of two places that are asked for at once, the last one is shown, whichever comes first", async () => {
  const { log, clock, server, texts } = await createTalk(300);
  open(log);
  await clock.advance(10);
  server.road.faults.callMs = 200;
  void log.loadAround(100);
  await clock.advance(10);
  server.road.faults.callMs = 0;
  void log.loadEnd();
  await clock.advance(1000);
  expect(texts().at(-1)).toBe("300");
  expect(log.get().isAtEnd).toBe(true);
});

test("a log that begins amid the chat while the connection begins stays there", async () => {
  const world = createFakeWorld();
  const chat = world.server.chat("talk", [world.alice, world.bob]);
  for (let seq = 1; seq <= 300; seq++) chat.send(world.bob, String(seq), null);
  world.server.road.faults.callMs = 200;
  const client = world.client(world.alice);
  using log = client.chatLog(chat.id);
  void log.loadAround(100);
  const shown = new Set<string | undefined>();
  log.subscribe(({ messages }) => shown.add(messages.at(-1)?.text));
  client.connect();
  await world.clock.advance(5000);
  expect(log.get().status).toBe("ready");
  expect([...shown].filter((text) => text !== undefined)).toEqual(["149"]);
});

describe("events", () => {
  test("that overtake each other are put in order, without asking", async () => {
    const talk = await createTalk(1);
    const { log, clock, chat, bob, texts } = talk;
    open(log);
    await clock.advance(10);
    const [two, three] = ["2", "3"].map((text) => chat.send(bob, text, null).message);
    if (!two || !three) throw new Error("Not sent");
    talk.socket().deliver({ event: "new_message", data: three });
    await clock.advance(200);
    expect(texts()).toEqual(["1"]);
    talk.socket().deliver({ event: "new_message", data: two });
    await clock.advance(1000);
    expect(texts()).toEqual(["1", "2", "3"]);
    expect(catchUps(talk)).toEqual([]);
  });

  test("that are lost are asked for after 300 ms", async () => {
    const talk = await createTalk(1);
    const { log, clock, chat, bob, texts, say } = talk;
    open(log);
    await clock.advance(10);
    chat.send(bob, "2", null);
    say("3");
    await clock.advance(295);
    expect(texts()).toEqual(["1"]);
    await clock.advance(20);
    expect(texts()).toEqual(["1", "2", "3"]);
    expect(catchUps(talk)).toHaveLength(1);
  });

  test("that come twice change nothing", async () => {
    const talk = await createTalk(1);
    const { log, clock, texts, say, socket } = talk;
    open(log);
    await clock.advance(10);
    const two = say("2");
    socket().deliver({ event: "new_message", data: two });
    await clock.advance(1000);
    expect(texts()).toEqual(["1", "2"]);
    expect(catchUps(talk)).toEqual([]);
  });

  test("whose loss nobody could notice are asked for after a hint", async () => {
    const { log, clock, chat, bob, texts, server } = await createTalk(1);
    open(log);
    await clock.advance(10);
    chat.send(bob, "2", null);
    await clock.advance(10_000);
    expect(texts()).toEqual(["1"]);
    server.hintPositions();
    await clock.advance(400);
    expect(texts()).toEqual(["1", "2"]);
  });

  test("of reading mark everything before as read, for good", async () => {
    const world = createFakeWorld();
    const chat = world.server.chat("talk", [world.alice, world.bob]);
    for (const text of ["1", "2", "3"]) chat.send(world.alice, text, null);
    const client = await world.connected(world.alice);
    const log = client.chatLog(chat.id);
    open(log);
    client.look(chat.id);
    await world.clock.advance(10);
    const reads = () => log.get().messages.map(({ is_read }) => is_read);
    expect(reads()).toEqual([false, false, false]);
    const other = world.client(world.bob);
    other.connect();
    await world.clock.advance(10);
    other.chats.markRead(chat.id, { id: `${chat.id}-2`, seq: 2 });
    await world.clock.advance(10);
    expect(reads()).toEqual([true, true, false]);
    world.server.edit(chat, 1, "one");
    await world.clock.advance(10);
    expect(reads()).toEqual([true, true, false]);
  });
});

describe("after a time without a connection, a log", () => {
  test("has what was sent, edited and deleted meanwhile, asked for once", async () => {
    const talk = await createTalk(3);
    const { log, clock, chat, server, socket, texts, say } = talk;
    open(log);
    await clock.advance(10);
    socket().cut();
    say("4");
    server.edit(chat, 1, "one");
    server.remove(chat, 2);
    await clock.advance(1000);
    expect(texts()).toEqual(["one", "", "3", "4"]);
    expect(catchUps(talk)).toHaveLength(1);
  });

  test("in which nothing happened asks nothing", async () => {
    const talk = await createTalk(3);
    open(talk.log);
    await talk.clock.advance(10);
    const calls = talk.server.calls.length;
    talk.socket().cut();
    await talk.clock.advance(1000);
    expect(talk.client.connection.get().phase).toBe("subscribed");
    expect(catchUps(talk)).toEqual([]);
    expect(talk.server.calls).toHaveLength(calls);
  });

  test("in which too much happened begins again at the end", async () => {
    const { log, clock, socket, texts, say } = await createTalk(3);
    open(log);
    await clock.advance(10);
    socket().cut();
    for (let seq = 4; seq <= 103; seq++) say(String(seq));
    await clock.advance(1000);
    expect(texts()).toEqual(numbers(54, 103));
    say("104");
    await clock.advance(10);
    expect(texts().at(-1)).toBe("104");
  });

  test("that were many are asked for 100 at a time, those put off again", async () => {
    const world = createFakeWorld();
    const chats = Array.from({ length: 120 }, (_, index) =>
      world.server.chat(`c${index}`, [world.alice, world.bob]),
    );
    const client = await world.connected(world.alice);
    const logs = chats.map(({ id }) => client.chatLog(id));
    for (const log of logs) open(log);
    await world.clock.advance(100);
    world.socket().cut();
    for (const chat of chats) chat.send(world.bob, "Hello", null);
    world.server.sockets.control.mostAnswered = 40;
    await world.clock.advance(1000);
    expect(logs.map((log) => log.get().messages.length)).toEqual(chats.map(() => 1));
    expect(catchUps(world).map(({ chats: asked }) => asked.length)).toEqual([100, 80, 40]);
  });
});

test("a page that was read before a gap too large to tell is read again", async () => {
  const { log, clock, server, chat, say, socket, texts } = await createTalk(120);
  open(log);
  await clock.advance(10);
  socket().cut();
  await clock.advance(10);
  server.road.faults.callMs = 2000;
  void log.loadOlder();
  await clock.advance(1100);
  server.edit(chat, 60, "sixty");
  for (let seq = 121; seq <= 150; seq++) say(String(seq));
  await clock.advance(20_000);
  expect(log.get()).toMatchObject({ status: "ready", isAtEnd: true });
  void log.loadOlder();
  await clock.advance(10_000);
  expect(texts()).toEqual([...numbers(Number(texts()[0]), 59), "sixty", ...numbers(61, 150)]);
});

test("a server that went back to an older state is believed", async () => {
  const { log, clock, chat, socket, texts, say, server, bob } = await createTalk(3);
  open(log);
  await clock.advance(10);
  const lost = chat.send(bob, "4", null).message;
  socket().deliver({ event: "new_message", data: { ...lost, version: 9, seq: 4 } });
  for (const version of [5, 6, 7, 8])
    socket().deliver({ event: "chat_changed", chat_id: chat.id, version, title: "Lost" });
  socket().deliver({ event: "message_changed", data: { ...lost, version: 4 } });
  await clock.advance(10);
  socket().cut();
  await clock.advance(1000);
  expect(texts()).toEqual(["1", "2", "3", "4"]);
  say("5");
  await clock.advance(10);
  expect(texts()).toEqual(["1", "2", "3", "4", "5"]);
  const asked = server.sockets.frames.length;
  await clock.advance(20_000);
  expect(server.sockets.frames).toHaveLength(asked);
});

test("a log that is closed is told of nothing", async () => {
  const { log, clock, say } = await createTalk(1);
  const seen: number[] = [];
  {
    using own = log;
    own.subscribe(({ messages }) => seen.push(messages.length));
    await clock.advance(10);
  }
  say("2");
  await clock.advance(1000);
  expect(seen.at(-1)).toBe(1);
});
