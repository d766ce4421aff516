import { describe, expect, test } from "bun:test";
import { createFakeWorld } from "../../../sdk/src/fake-world.ts";
import { createFakeLocks } from "./fake-browser.ts";
import { watchFirstTab, watchNews } from "./quiet.ts";

async function createWatched() {
  const world = createFakeWorld();
  const { server, alice, bob, clock } = world;
  const chat = server.chat("talk", [alice, bob]);
  const other = server.chat("other", [alice, bob]);
  const client = await world.connected(alice);
  void client.chats.loadMore();
  await clock.advance(10);
  const told: string[] = [];
  const read: string[] = [];
  const seen = new Set<string>();
  const stop = watchNews({
    client,
    me: { get: () => alice },
    clock,
    isSeen: (chatId) => seen.has(chatId),
    onNews: (news, isLoud) =>
      void told.push(`${isLoud ? "loud" : "still"}: ${news.map(({ message }) => message.text).join(", ")}`),
    onRead: (chatId) => void read.push(chatId),
  });
  const say = (text: string, where = chat) => server.send(bob, where, text, null);
  return { ...world, chat, other, client, told, read, seen, stop, say };
}

describe("news", () => {
  test("are told once for each burst, with one sound, the newest of each chat", async () => {
    const { told, say, other, clock } = await createWatched();
    for (const text of ["1", "2", "3"]) say(text);
    say("elsewhere", other);
    await clock.advance(1000);
    expect(told).toEqual(["loud: 3, elsewhere"]);
    say("4");
    await clock.advance(1000);
    expect(told).toEqual(["loud: 3, elsewhere", "still: 4"]);
    await clock.advance(6000);
    say("5");
    await clock.advance(1000);
    expect(told.at(-1)).toBe("loud: 5");
  });

  test("of a burst that never ends are heard once a minute", async () => {
    const { told, say, clock } = await createWatched();
    for (let count = 0; count < 120; count++) {
      say(String(count));
      await clock.advance(1000);
    }
    expect(told.filter((line) => line.startsWith("loud"))).toHaveLength(2);
  });

  test("are not one's own, not of muted chats, and not of what is before one's eyes", async () => {
    const { told, say, clock, server, alice, bob, chat, other, seen } = await createWatched();
    server.send(bob, chat, "Read, and marked as unread", null);
    server.set(chat, alice, { unread_from: 1 });
    await clock.advance(2000);
    told.length = 0;
    server.send(alice, chat, "From my phone", null);
    await clock.advance(2000);
    server.set(other, alice, { muted_until: "9999-12-31T23:59:59.999Z" });
    await clock.advance(5);
    server.send(bob, other, "Alice?", null, [alice.id]);
    seen.add(chat.id);
    say("Before my eyes");
    await clock.advance(2000);
    expect(told).toEqual([]);
  });

  test("are not what was read elsewhere, or deleted, meanwhile; and are taken back when it is read later", async () => {
    const { told, read, say, clock, chat, other, connected, alice, server } = await createWatched();
    const phone = await connected(alice);
    void phone.chats.loadMore();
    await clock.advance(10);
    say("Read on the phone");
    say("Deleted", other);
    await clock.advance(100);
    phone.chats.markRead(chat.id);
    server.remove(other, 1);
    await clock.advance(2000);
    expect(told).toEqual([]);
    say("Read later");
    await clock.advance(2000);
    read.length = 0;
    phone.chats.markRead(chat.id);
    await clock.advance(10);
    expect(told).toEqual(["loud: Read later"]);
    expect(read).toEqual([chat.id]);
  });

  test("are not what was missed without a connection", async () => {
    const { told, say, clock, socket, client, chat } = await createWatched();
    socket().cut();
    say("Meanwhile");
    await clock.advance(5000);
    expect(client.chats.find(chat.id)?.unread_count).toBe(1);
    expect(told).toEqual([]);
  });

  test("end when nobody wants them", async () => {
    const { told, say, clock, stop } = await createWatched();
    say("1");
    await clock.advance(10);
    stop();
    say("2");
    await clock.advance(2000);
    expect(told).toEqual([]);
  });
});

test("one tab is the first, and another when that one is closed", async () => {
  const locks = createFakeLocks();
  const tabs = [watchFirstTab(locks), watchFirstTab(locks)];
  const first = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    return tabs.map((tab) => tab.isFirst());
  };
  expect(await first()).toEqual([true, false]);
  tabs[0]?.end();
  expect((await first())[1]).toBe(true);
  expect(watchFirstTab(undefined).isFirst()).toBe(true);
});
