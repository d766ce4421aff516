import { beforeEach, describe, expect, test } from "bun:test";
import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { openDB } from "idb";
import type { ChatSummary, MessageInfo, StoredMessage } from "@windi/sdk";
import { createFakeClock } from "../../../sdk/src/fake-clock.ts";
import { createFakeChannels } from "./fake-browser.ts";
import { createStore, forgetStore, type Store } from "./store.ts";

const written = (key: string, order = 1): StoredMessage => ({
  key,
  chatId: "chat",
  text: key,
  mentions: [],
  createdAt: 1,
  order,
  refusal: undefined,
});
const draft = { chatId: "chat", text: "Dear", at: 0, told: "" };
const summary = (id: string, seq = 1) => ({ id, seq }) as ChatSummary;
const message = (seq: number) => ({ seq, text: String(seq) }) as MessageInfo;
const position = (seq: number) => ({ chat_id: "chat", seq, version: seq });

function createTabs() {
  const clock = createFakeClock();
  const channels = createFakeChannels(clock);
  const open = (userId = "ann") => createStore({ userId, channel: channels.open(), now: clock.now });
  return { clock, open };
}

const idsOf = async (store: Store) => (await store.cache.loadChats()).map(({ id }) => id).toSorted();

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

describe("a store", () => {
  test("has after a reload what was kept before, for each person apart", async () => {
    const { open } = createTabs();
    const before = open();
    await before.outbox.save(written("one"));
    await before.drafts.save(draft);
    await before.cache.saveChats([summary("a"), summary("b")]);
    await before.cache.saveLog("chat", [message(1), message(2)], position(2));
    before.close();
    const after = open();
    expect(await after.outbox.load()).toEqual([written("one")]);
    expect(await after.drafts.load()).toEqual([draft]);
    expect(await idsOf(after)).toEqual(["a", "b"]);
    expect(await after.cache.loadLog("chat")).toMatchObject({ messages: [message(1), message(2)] });
    expect(await open("ben").outbox.load()).toEqual([]);
    await after.outbox.remove("one");
    await after.drafts.remove("chat");
    await after.cache.removeChat("chat");
    expect(await after.outbox.load()).toEqual([]);
    expect(await after.drafts.load()).toEqual([]);
    expect(await after.cache.loadLog("chat")).toBeUndefined();
  });

  test("writes only the chats that changed, and forgets those that are gone", async () => {
    const { open } = createTabs();
    const [a, b, c] = [summary("a"), summary("b"), summary("c")];
    await open().cache.saveChats([a, b]);
    const store = open();
    await store.cache.loadChats();
    const puts: string[] = [];
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, value: ChatSummary) {
      puts.push(value.id);
      return put.call(this, value);
    };
    await store.cache.saveChats([b, c]);
    await store.cache.saveChats([b, c]);
    IDBObjectStore.prototype.put = put;
    expect(puts).toEqual(["b", "c"]);
    expect(await idsOf(store)).toEqual(["b", "c"]);
  });

  test("keeps the ends of 200 logs, those that were saved last", async () => {
    const { open, clock } = createTabs();
    const store = open();
    for (let index = 0; index < 205; index++) {
      await store.cache.saveLog(`chat ${index}`, [message(1)], position(1));
      await clock.advance(1);
    }
    expect(await store.cache.loadLog("chat 4")).toBeUndefined();
    expect(await store.cache.loadLog("chat 5")).toBeDefined();
    expect(await store.cache.loadLog("chat 204")).toBeDefined();
  });

  test("finishes what was under way when it is closed", async () => {
    const { open } = createTabs();
    const store = open();
    void store.cache.saveChats([summary("a")]);
    store.close();
    const after = open();
    expect(await idsOf(after)).toEqual(["a"]);
  });

  test("opens its database once", async () => {
    const { open } = createTabs();
    let opened = 0;
    const { open: openIndexed } = indexedDB;
    indexedDB.open = (...input) => {
      opened++;
      return openIndexed.apply(indexedDB, input);
    };
    const store = open();
    await Promise.all([store.outbox.load(), store.drafts.load(), store.cache.loadChats()]);
    expect(opened).toBe(1);
  });

  test("uses what a later version of the client has left", async () => {
    const { open } = createTabs();
    const before = open();
    await before.outbox.save(written("one"));
    before.close();
    const later = await openDB("windi-ann", 7, {
      upgrade: (database) => void database.createObjectStore("something else"),
    });
    later.close();
    expect(await open().outbox.load()).toEqual([written("one")]);
  });

  test("in a browser that keeps nothing lasts as long as the page", async () => {
    const { open } = createTabs();
    indexedDB.open = () => {
      throw new DOMException("Not in this mode", "SecurityError");
    };
    const store = open();
    await store.outbox.save(written("one"));
    await store.drafts.save(draft);
    await store.cache.saveChats([summary("a")]);
    expect(await store.outbox.load()).toEqual([written("one")]);
    expect(await store.drafts.load()).toHaveLength(1);
    expect(await store.cache.loadChats()).toEqual([]);
    await forgetStore("ann", "all");
  });
});

describe("what is kept of a person", () => {
  test("is deleted when they sign out, also while tabs are open", async () => {
    const { open } = createTabs();
    const [one, other] = [open(), open()];
    await one.outbox.save(written("one"));
    await other.outbox.load();
    await forgetStore("ann", "all");
    await other.cache.saveChats([summary("a")]);
    const after = open();
    expect(await after.outbox.load()).toEqual([]);
    expect(await idsOf(after)).toEqual([]);
  });

  test("is without what the server has too when the session was ended", async () => {
    const { open } = createTabs();
    const store = open();
    await store.outbox.save(written("one"));
    await store.drafts.save(draft);
    await store.cache.saveChats([summary("a")]);
    await store.cache.saveLog("chat", [message(1)], position(1));
    store.close();
    await forgetStore("ann", "copies");
    const after = open();
    expect(await after.outbox.load()).toHaveLength(1);
    expect(await after.drafts.load()).toHaveLength(1);
    expect(await idsOf(after)).toEqual([]);
    expect(await after.cache.loadLog("chat")).toBeUndefined();
  });
});

test("what one tab has sent, the others are told of", async () => {
  const { open, clock } = createTabs();
  const [one, other] = [open(), open()];
  const told: string[] = [];
  const stop = other.outbox.watch?.((key) => told.push(key));
  await one.outbox.save(written("a"));
  await one.outbox.remove("a");
  await clock.advance(5);
  stop?.();
  await one.outbox.remove("b");
  await clock.advance(5);
  expect(told).toEqual(["a"]);
  other.outbox.watch?.((key) => told.push(key));
  const removing = one.outbox.remove("c");
  one.close();
  await removing;
  await clock.advance(5);
  expect(told).toEqual(["a", "c"]);
});
