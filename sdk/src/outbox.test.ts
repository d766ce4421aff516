import { describe, expect, test } from "bun:test";
import { createFakeWorld, textsOf } from "./fake-world.ts";
import { createMemoryStorage } from "./outbox-storage.ts";

async function createTalk(options: Parameters<ReturnType<typeof createFakeWorld>["client"]>[1] = {}) {
  const world = createFakeWorld();
  const chat = world.server.chat("talk", [world.alice, world.bob]);
  const client = await world.connected(world.alice, options);
  const states = () => client.outbox.get().entries.map(({ state }) => state);
  const stored = () => textsOf(chat.messages());
  return { ...world, chat, client, states, stored };
}

type Talk = Awaited<ReturnType<typeof createTalk>>;

/** What a person sees of a chat: messages, then what is on its way. */
function createView({ client, chat }: Pick<Talk, "client" | "chat">) {
  const log = client.chatLog(chat.id);
  const seen: string[][] = [];
  log.subscribe(({ messages, pending }) => {
    const view = [...textsOf(messages), ...pending.map(({ text, state }) => `${text} (${state})`)];
    if (seen.at(-1)?.join() !== view.join()) seen.push(view);
  });
  return { log, seen };
}

const sends = ({ server }: Pick<Talk, "server">) =>
  server.sockets.frames.filter(({ action }) => action === "send_message");

describe("a message", () => {
  test("is shown at once, and replaced by what the server stored, never both, never neither", async () => {
    const talk = await createTalk();
    const { seen } = createView(talk);
    await talk.clock.advance(10);
    talk.client.outbox.send(talk.chat.id, "Hello");
    await talk.clock.advance(10);
    expect(seen).toEqual([[], ["Hello (queued)"], ["Hello (sending)"], ["Hello"]]);
    expect(talk.states()).toEqual([]);
  });

  test("that is stored while the log lacks what is before it stays shown", async () => {
    const talk = await createTalk();
    const { seen } = createView(talk);
    await talk.clock.advance(10);
    talk.chat.send(talk.bob, "Lost on the way", null);
    talk.client.outbox.send(talk.chat.id, "Hello");
    await talk.clock.advance(1000);
    expect(seen.slice(2)).toEqual([["Hello (sending)"], ["Hello (sent)"], ["Lost on the way", "Hello"]]);
    expect(talk.states()).toEqual([]);
  });

  test("waits for a connection, and goes out when there is one, in order", async () => {
    const talk = await createTalk();
    talk.socket().cut();
    for (const text of ["1", "2", "3"]) talk.client.outbox.send(talk.chat.id, text);
    await talk.clock.advance(100);
    expect(talk.states()).toEqual(["queued", "queued", "queued"]);
    await talk.clock.advance(1000);
    expect(talk.stored()).toEqual(["1", "2", "3"]);
    expect(talk.states()).toEqual([]);
  });

  test("goes out by a call when the client never connects", async () => {
    const world = createFakeWorld();
    const chat = world.server.chat("talk", [world.alice]);
    const client = world.client(world.alice);
    client.outbox.send(chat.id, "Hello");
    await world.clock.advance(10);
    expect(textsOf(chat.messages())).toEqual(["Hello"]);
    expect(client.outbox.get().entries).toEqual([]);
  });

  test("whose answer is lost goes again with the same key, and is there once", async () => {
    const talk = await createTalk();
    talk.client.outbox.send(talk.chat.id, "Hello");
    await talk.clock.advance(1.5);
    talk.socket().cut();
    expect(talk.stored()).toEqual(["Hello"]);
    await talk.clock.advance(2000);
    expect(sends(talk).map((frame) => frame.idempotency_key)).toEqual(["key-1", "key-1"]);
    expect(talk.stored()).toEqual(["Hello"]);
    expect(talk.states()).toEqual([]);
  });

  test("that is not answered in time goes again", async () => {
    const talk = await createTalk();
    talk.server.sockets.control.intercept = ({ action }) =>
      action === "send_message" ? "ignore" : undefined;
    talk.client.outbox.send(talk.chat.id, "Hello");
    await talk.clock.advance(15_100);
    expect(talk.states()).toEqual(["queued"]);
    talk.server.sockets.control.intercept = () => undefined;
    await talk.clock.advance(2000);
    expect(talk.stored()).toEqual(["Hello"]);
  });
});

describe("a refusal", () => {
  test("that may pass is waited out as long as the server asks, with those behind it", async () => {
    const talk = await createTalk();
    const { control } = talk.server.sockets;
    let isRefusing = true;
    control.intercept = ({ action }) =>
      action === "send_message" && isRefusing
        ? { error: "Too much", code: "rate_limited", retry_after_ms: 3000 }
        : undefined;
    talk.client.outbox.send(talk.chat.id, "1");
    talk.client.outbox.send(talk.chat.id, "2");
    await talk.clock.advance(100);
    isRefusing = false;
    expect(talk.states()).toEqual(["queued", "queued"]);
    await talk.clock.advance(2900);
    expect(talk.stored()).toEqual([]);
    await talk.clock.advance(1000);
    expect(talk.stored()).toEqual(["1", "2"]);
    expect(sends(talk).map(({ text }) => text)).toEqual(["1", "1", "2"]);
  });

  test("that stays hands the message back with its code, and lets later ones go on", async () => {
    const talk = await createTalk();
    talk.server.sockets.control.intercept = ({ text }) =>
      text === "bad" ? { error: "No", code: "invalid_request" } : undefined;
    talk.client.outbox.send(talk.chat.id, "bad");
    talk.client.outbox.send(talk.chat.id, "good");
    await talk.clock.advance(100);
    expect(talk.stored()).toEqual(["good"]);
    expect(talk.client.outbox.get().entries).toMatchObject([
      { text: "bad", state: "refused", error: { code: "invalid_request", status: 422 } },
    ]);
  });

  test("ends with a retry under the same key, or with a discard", async () => {
    const talk = await createTalk();
    const { control } = talk.server.sockets;
    control.intercept = ({ action }) =>
      action === "send_message" ? { error: "No", code: "invalid_request" } : undefined;
    const { outbox } = talk.client;
    const [first, second] = [outbox.send(talk.chat.id, "1"), outbox.send(talk.chat.id, "2")];
    await talk.clock.advance(100);
    expect(talk.states()).toEqual(["refused", "refused"]);
    control.intercept = () => undefined;
    outbox.retry(first.key);
    expect(outbox.discard(second.key)).toBe(true);
    expect(outbox.discard(second.key)).toBe(false);
    await talk.clock.advance(100);
    expect(talk.chat.messages()).toMatchObject([{ text: "1", idempotency_key: first.key }]);
    expect(talk.states()).toEqual([]);
  });
});

describe("the storage", () => {
  test("hands on what an earlier run left, in order, refused ones as refused", async () => {
    const memory = createMemoryStorage();
    // A storage may give them in any order.
    const storage = { ...memory, load: async () => [...(await memory.load())].toReversed() };
    const before = await createTalk({ storage });
    before.server.sockets.control.intercept = ({ text }) =>
      text === "bad" ? { error: "No", code: "invalid_request" } : "ignore";
    for (const text of ["bad", "1", "2"]) before.client.outbox.send(before.chat.id, text);
    await before.clock.advance(100);
    before.client.close();

    const after = await createTalk({ storage });
    await after.client.outbox.loaded;
    await after.clock.advance(100);
    expect(after.stored()).toEqual(["1", "2"]);
    expect(after.client.outbox.get().entries).toMatchObject([
      { text: "bad", state: "refused", error: { code: "invalid_request" } },
    ]);
    expect(await storage.load()).toHaveLength(1);
  });

  test("has a message before it is sent", async () => {
    const memory = createMemoryStorage();
    let finish = () => {};
    const slow = { ...memory, save: () => new Promise<void>((resolve) => (finish = resolve)) };
    const talk = await createTalk({ storage: slow });
    talk.client.outbox.send(talk.chat.id, "Hello");
    await talk.clock.advance(1000);
    expect(sends(talk)).toEqual([]);
    finish();
    await talk.clock.advance(10);
    expect(talk.stored()).toEqual(["Hello"]);
  });

  test("that fails is said so, and does not keep a message from being sent", async () => {
    const full = { ...createMemoryStorage(), save: () => Promise.reject(new Error("Full")) };
    const talk = await createTalk({ storage: full });
    talk.client.outbox.send(talk.chat.id, "Hello");
    await talk.clock.advance(10);
    expect(talk.stored()).toEqual(["Hello"]);
    expect(talk.client.outbox.get().storageError).toEqual(new Error("Full"));
  });

  test("that another client has emptied empties the outbox here too", async () => {
    let tellRemoved: (key: string) => void = () => {};
    const storage = {
      ...createMemoryStorage(),
      watch(removed: (key: string) => void) {
        tellRemoved = removed;
        return () => (tellRemoved = () => {});
      },
    };
    const world = createFakeWorld();
    const chat = world.server.chat("talk", [world.alice, world.bob]);
    world.server.sockets.control.isDown = true;
    const client = await world.connected(world.alice, { storage });
    const { key } = client.outbox.send(chat.id, "Sent by the other tab");
    const waiting = client.outbox.delivered(key).catch(({ message }: Error) => message);
    await world.clock.advance(10);
    void storage.remove(key);
    tellRemoved(key);
    tellRemoved("unknown");
    expect(client.outbox.get().entries).toEqual([]);
    expect(await waiting).toContain("Another client");
    world.server.sockets.control.isDown = false;
    await world.clock.advance(60_000);
    expect(chat.messages()).toEqual([]);
  });

  test("hands on what another client has left behind, but not what was dealt with meanwhile", async () => {
    const memory = createMemoryStorage();
    const removals = new Set<(key: string) => void>();
    const reading = Promise.withResolvers<void>();
    let isSlow = false;
    const storage = {
      ...memory,
      async load() {
        const messages = await memory.load();
        if (isSlow) await reading.promise;
        return messages;
      },
      watch(removed: (key: string) => void) {
        removals.add(removed);
        return () => void removals.delete(removed);
      },
    };
    const talk = await createTalk({ storage });
    const gone = talk.client;
    const twin = await talk.connected(talk.alice, { storage });
    talk.server.sockets.control.intercept = ({ action }) =>
      action === "send_message" ? "ignore" : undefined;
    gone.outbox.send(talk.chat.id, "Left behind");
    const { key } = gone.outbox.send(talk.chat.id, "Thought better of");
    await talk.clock.advance(10);
    gone.close();
    talk.server.sockets.control.intercept = () => undefined;
    await talk.clock.advance(15_000);
    expect(twin.outbox.get().entries).toEqual([]);
    isSlow = true;
    await talk.clock.advance(30_000);
    void memory.remove(key);
    for (const removed of removals) removed(key);
    reading.resolve();
    await talk.clock.advance(100);
    expect(talk.stored()).toEqual(["Left behind"]);
    expect(twin.outbox.get().entries).toEqual([]);
    expect(memory.load()).toEqual([]);
    twin.close();
    await talk.clock.advance(60_000);
    expect(talk.clock.pending()).toBe(0);
  });

  test("that two clients share makes no message twice", async () => {
    const storage = createMemoryStorage();
    const talk = await createTalk({ storage });
    talk.socket().cut();
    talk.client.outbox.send(talk.chat.id, "Hello");
    await talk.clock.advance(1);
    const other = talk.client;
    const twin = await talk.connected(talk.alice, { storage });
    await talk.clock.advance(2000);
    expect(talk.stored()).toEqual(["Hello"]);
    expect([other, twin].map(({ outbox }) => outbox.get().entries)).toEqual([[], []]);
    expect(await storage.load()).toEqual([]);
  });
});

describe("whoever waits for a message", () => {
  test("is answered when it is stored", async () => {
    const talk = await createTalk();
    talk.socket().cut();
    const { key } = talk.client.outbox.send(talk.chat.id, "Hello");
    const delivered = talk.client.outbox.delivered(key);
    await talk.clock.advance(2000);
    expect(await delivered).toMatchObject({ text: "Hello", seq: 1 });
  });

  test("is told of its refusal, of its end, and that there is none", async () => {
    const talk = await createTalk();
    const { outbox } = talk.client;
    talk.server.sockets.control.intercept = ({ text }) =>
      text === "bad" ? { error: "No", code: "invalid_request" } : "ignore";
    const failure = (key: string) => outbox.delivered(key).catch((error: Error) => error.message);
    const bad = outbox.send(talk.chat.id, "bad");
    const refused = failure(bad.key);
    const last = failure(outbox.send(talk.chat.id, "last").key);
    await talk.clock.advance(10);
    expect(await refused).toContain("invalid_request");
    expect(await failure(bad.key)).toContain("invalid_request");
    talk.client.close();
    expect(await last).toContain("closed");
    expect(await failure("nothing")).toContain("nothing");
  });

  test("twice with a key of one's own says it once", async () => {
    const talk = await createTalk();
    const { outbox } = talk.client;
    const first = outbox.send(talk.chat.id, "pong", { key: "pong-1" });
    expect(outbox.send(talk.chat.id, "pong", { key: "pong-1" }).key).toBe(first.key);
    await talk.clock.advance(10);
    const again = outbox.delivered(outbox.send(talk.chat.id, "pong", { key: "pong-1" }).key);
    await talk.clock.advance(10);
    expect(await again).toMatchObject({ text: "pong", seq: 1 });
    expect(talk.stored()).toEqual(["pong"]);
  });
});
