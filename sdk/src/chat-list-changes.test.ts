import { describe, expect, test } from "bun:test";
import { isApiError } from "./api-error.ts";
import { createFakeCache } from "./fake-cache.ts";
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
  const [first, second] = chats;
  if (!first || !second) throw new Error("Too few chats");
  const settings = () => client.chats.find(first.id)?.settings;
  const calls = (path: RegExp) => server.calls.filter((call) => path.test(call)).length;
  return { ...world, chats, first, second, client, settings, calls };
}

describe("a change of settings", () => {
  test("shows at once, and is then as the server has it", async () => {
    const { client, first, second, settings, clock, alice } = await createList();
    const ids = () => client.chats.get().chats.map(({ id }) => id);
    expect(ids()).toEqual([second.id, first.id]);
    const changing = client.chats.changeSettings(first.id, { is_pinned: true });
    expect(settings()?.is_pinned).toBe(true);
    expect(ids()).toEqual([first.id, second.id]);
    await clock.advance(10);
    await changing;
    expect(first.summaryFor(alice.id).settings.is_pinned).toBe(true);
    expect(client.chats.find(first.id)).toEqual(first.summaryFor(alice.id));
  });

  test("that is refused is undone, and nothing else", async () => {
    const { client, first, settings, clock, server, alice } = await createList();
    server.refusals.push({ path: /settings/, status: 409, code: "too_many_pins" });
    const pinning = client.chats
      .changeSettings(first.id, { is_pinned: true })
      .catch((error: unknown) => error);
    const muting = client.chats.changeSettings(first.id, { muted_until: "9999-12-31T23:59:59.999Z" });
    expect(settings()).toMatchObject({ is_pinned: true, muted_until: "9999-12-31T23:59:59.999Z" });
    await clock.advance(10);
    expect(isApiError(await pinning, "too_many_pins")).toBe(true);
    await muting;
    expect(settings()).toMatchObject({ is_pinned: false, muted_until: "9999-12-31T23:59:59.999Z" });
    expect(settings()).toEqual(first.summaryFor(alice.id).settings);
  });

  test("that is refused leaves what another device has set meanwhile", async () => {
    const { client, first, settings, clock, server, alice } = await createList();
    server.road.faults.callMs = 200;
    server.refusals.push({ path: /settings/, status: 409, code: "too_many_pins" });
    const pinning = client.chats.changeSettings(first.id, { is_pinned: true }).catch(() => {});
    server.set(first, alice, { muted_until: "9999-12-31T23:59:59.999Z" });
    await clock.advance(20);
    expect(settings()).toMatchObject({ is_pinned: true, muted_until: "9999-12-31T23:59:59.999Z" });
    await clock.advance(1000);
    await pinning;
    expect(settings()).toMatchObject({ is_pinned: false, muted_until: "9999-12-31T23:59:59.999Z" });
  });

  test("after another of the same chat goes out after it", async () => {
    const { client, first, settings, clock, server, alice } = await createList();
    server.refusals.push({ path: /settings/, status: 503, code: "overloaded" });
    for (const is_pinned of [true, false, true, false])
      void client.chats.changeSettings(first.id, { is_pinned });
    const seen: (boolean | undefined)[] = [];
    client.chats.subscribe(() => seen.push(settings()?.is_pinned));
    await clock.advance(5000);
    expect(new Set(seen)).toEqual(new Set([false]));
    expect(first.summaryFor(alice.id).settings.is_pinned).toBe(false);
  });

  test("waits for the network", async () => {
    const { client, first, settings, clock, server, alice } = await createList();
    server.refusals.push({ path: /settings/, status: 503, code: "overloaded" });
    const changing = client.chats.changeSettings(first.id, { is_pinned: true });
    await clock.advance(10);
    expect(settings()?.is_pinned).toBe(true);
    expect(first.summaryFor(alice.id).settings.is_pinned).toBe(false);
    await clock.advance(2000);
    await changing;
    expect(first.summaryFor(alice.id).settings.is_pinned).toBe(true);
  });

  test("marks as unread from a message, and reading that message ends it", async () => {
    const { client, first, settings, clock, server, bob } = await createList();
    for (const text of ["1", "2", "3"]) server.send(bob, first, text, null);
    await clock.advance(10);
    client.chats.markRead(first.id);
    await clock.advance(10);
    void client.chats.changeSettings(first.id, { unread_from: 2 });
    expect(client.chats.find(first.id)).toMatchObject({ unread_count: 2, read_seq: 1 });
    await clock.advance(20);
    expect(client.chats.find(first.id)).toMatchObject({ unread_count: 2, read_seq: 1 });
    client.chats.markRead(first.id);
    await clock.advance(20);
    expect(settings()?.unread_from).toBeNull();
    expect(client.chats.find(first.id)?.unread_count).toBe(0);
  });
});

describe("what is told in another order than it happened", () => {
  const event = (chat: { id: string }, own_version: number) => ({ chat_id: chat.id, own_version });
  const unset = { is_pinned: false, muted_until: null, unread_from: null };

  test("ends as the later settings and the later draft", async () => {
    const { client, first, settings, clock, socket } = await createList();
    const draft = { text: "Dear", updated_at: "2026-01-31T09:00:00.000Z" };
    const shown = () => [settings()?.is_pinned, client.chats.find(first.id)?.draft];
    socket().deliver({ event: "chat_settings", ...event(first, 3), settings: { ...unset, is_pinned: true } });
    socket().deliver({ event: "chat_settings", ...event(first, 2), settings: unset });
    socket().deliver({ event: "draft", ...event(first, 5), draft: null });
    socket().deliver({ event: "draft", ...event(first, 4), draft });
    await clock.advance(1000);
    expect(shown()).toEqual([true, null]);
    // One of each is known by its own count: what is later of the one says nothing of the other.
    socket().deliver({ event: "chat_settings", ...event(first, 4), settings: unset });
    socket().deliver({ event: "draft", ...event(first, 6), draft });
    await clock.advance(1000);
    expect(shown()).toEqual([false, draft]);
  });

  test("ends as the answer to a change of here, or as what came after it", async () => {
    const { client, first, settings, clock, server, alice, socket } = await createList();
    server.road.faults.callMs = 200;
    const changing = client.chats.changeSettings(first.id, { is_pinned: true });
    await clock.advance(150);
    const later = first.ownVersion(alice.id) + 2;
    socket().deliver({ event: "chat_settings", ...event(first, later), settings: unset });
    await clock.advance(1000);
    await changing;
    expect(settings()).toEqual(unset);
  });

  test("leaves a summary that has it already", async () => {
    const { client, first, settings, clock, server, alice, socket } = await createList();
    server.write(first, alice, "Dear");
    server.set(first, alice, { is_pinned: true });
    await clock.advance(10);
    const before = { ...event(first, 1), draft: null } as const;
    socket().cut();
    await clock.advance(10_000);
    socket().deliver({ event: "draft", ...before });
    socket().deliver({ event: "chat_settings", ...event(first, 1), settings: unset });
    await clock.advance(10);
    expect([settings()?.is_pinned, client.chats.find(first.id)?.draft?.text]).toEqual([true, "Dear"]);
  });

  test.each([
    ["stays marked as unread when it was read before", 5, 2],
    ["is not marked any more when it was read after", 4, null],
  ])("a chat %s", async (_, markedAs, unread_from) => {
    for (const isReadFirst of [true, false]) {
      const { client, first, settings, clock, server, bob, alice, socket } = await createList();
      for (const text of ["1", "2", "3"]) server.send(bob, first, text, null);
      await clock.advance(10);
      // As it is on the server then; whoever asks for it waits.
      server.road.faults.callMs = 200;
      first.read(alice.id, 3);
      first.set(alice.id, { unread_from });
      while (first.ownVersion(alice.id) < 5) first.write(alice.id, "");
      const readAs = markedAs === 5 ? 4 : 5;
      const told = [
        { event: "chat_read", ...event(first, readAs), read_seq: 3 },
        { event: "chat_settings", ...event(first, markedAs), settings: { ...unset, unread_from: 2 } },
      ] as const;
      for (const frame of isReadFirst ? told : told.toReversed()) socket().deliver(frame);
      await clock.advance(50);
      expect(settings()?.unread_from).toBe(unread_from);
      await clock.advance(1000);
      const { read_seq, unread_count, own_version } = first.summaryFor(alice.id);
      expect(client.chats.find(first.id)).toMatchObject({ read_seq, unread_count, own_version });
      expect(settings()?.unread_from).toBe(unread_from);
    }
  });
});

describe("of what another device changed and nobody told", () => {
  test("the server's count makes the list ask, once", async () => {
    const { first, settings, clock, alice, socket, calls } = await createList();
    first.set(alice.id, { is_pinned: true });
    const { id: chat_id, seq, version, own_version } = first.summaryFor(alice.id);
    expect(settings()?.is_pinned).toBe(false);
    const asked = calls(/summary/);
    for (let time = 0; time < 2; time++) {
      socket().deliver({ event: "position", chat_id, seq, version, own_version });
      await clock.advance(50);
      expect(settings()?.is_pinned).toBe(true);
      expect(calls(/summary/)).toBe(asked + 1);
    }
  });

  test("one of two is enough", async () => {
    const { client, first, clock, server, alice, socket } = await createList();
    first.write(alice.id, "Dear");
    server.set(first, alice, { is_pinned: true });
    await clock.advance(10);
    expect(client.chats.find(first.id)?.draft).toBeNull();
    const { id: chat_id, seq, version, own_version } = first.summaryFor(alice.id);
    socket().deliver({ event: "position", chat_id, seq, version, own_version });
    await clock.advance(50);
    expect(client.chats.find(first.id)?.draft?.text).toBe("Dear");
  });

  test("nothing is asked where all was heard", async () => {
    const { first, clock, server, alice, socket, calls } = await createList();
    server.set(first, alice, { is_pinned: true });
    server.write(first, alice, "Dear");
    await clock.advance(50);
    const asked = calls(/summary/);
    const { id: chat_id, seq, version, own_version } = first.summaryFor(alice.id);
    socket().deliver({ event: "position", chat_id, seq, version, own_version });
    await clock.advance(50);
    expect(calls(/summary/)).toBe(asked);
  });
});

describe("a draft that is saved", () => {
  test("shows at once, and on the other device", async () => {
    const { client, first, clock, connected, alice } = await createList();
    const phone = await connected(alice);
    void phone.chats.loadMore();
    await clock.advance(10);
    const saving = client.chats.saveDraft(first.id, "Dear Bob");
    expect(client.chats.find(first.id)?.draft?.text).toBe("Dear Bob");
    await clock.advance(10);
    await saving;
    expect(phone.chats.find(first.id)?.draft?.text).toBe("Dear Bob");
    void client.chats.saveDraft(first.id, "");
    await clock.advance(10);
    expect(phone.chats.find(first.id)?.draft).toBeNull();
  });

  test("that is refused is as the server has it; without an answer it stays", async () => {
    const { client, first, clock, server } = await createList();
    server.refusals.push({ path: /draft/, status: 422, code: "invalid_request" });
    const refused = client.chats.saveDraft(first.id, "Too long").catch((error: unknown) => error);
    await clock.advance(20);
    expect(isApiError(await refused, "invalid_request")).toBe(true);
    expect(client.chats.find(first.id)?.draft).toBeNull();
    server.road.faults.lostCall = 1;
    const lost = client.chats.saveDraft(first.id, "Written below ground").catch(({ name }: Error) => name);
    await clock.advance(20);
    expect(await lost).toBe("ConnectionError");
    expect(client.chats.find(first.id)?.draft?.text).toBe("Written below ground");
  });
});

describe("the totals", () => {
  test("count what is unread where it is not muted, and all mentions", async () => {
    const { client, first, second, clock, server, alice, bob } = await createList();
    const seen: unknown[] = [];
    client.chats.totals.subscribe((totals) => seen.push(totals));
    server.send(bob, first, "Alice?", null, [alice.id]);
    server.send(bob, second, "Hello", null);
    await clock.advance(10);
    expect(client.chats.totals.get()).toEqual({ unread: 2, unreadChats: 2, mentions: 1 });
    const until = new Date(clock.now() + 60_000).toISOString();
    void client.chats.changeSettings(first.id, { muted_until: until });
    expect(client.chats.totals.get()).toEqual({ unread: 1, unreadChats: 1, mentions: 1 });
    await clock.advance(59_000);
    expect(client.chats.totals.get().unread).toBe(1);
    await clock.advance(2000);
    expect(client.chats.totals.get().unread).toBe(2);
    expect(seen).toHaveLength(5);
  });

  test("of a chat that is muted for good set no timer", async () => {
    const { client, first, clock, server, bob } = await createList();
    server.send(bob, first, "Hello", null);
    await clock.advance(10);
    const timers = clock.pending();
    void client.chats.changeSettings(first.id, { muted_until: "9999-12-31T23:59:59.999Z" });
    await clock.advance(10);
    expect(client.chats.totals.get().unread).toBe(0);
    expect(clock.pending()).toBe(timers);
  });
});

test("all chats are loaded in pages of 200", async () => {
  const { client, clock, calls } = await createList(500);
  void client.chats.loadAll();
  await clock.advance(20);
  expect(client.chats.get()).toMatchObject({ hasMore: false, isLoading: false });
  expect(client.chats.get().chats).toHaveLength(500);
  expect(calls(/limit=200/)).toBe(3);
});

test("who has another name has it in the list and in the logs", async () => {
  const { client, first, clock, server, bob, socket } = await createList();
  server.send(bob, first, "Hello", null);
  const log = client.chatLog(first.id);
  log.subscribe(() => {});
  await clock.advance(10);
  const user = { ...bob, name: "Robert" };
  const heard: string[] = [];
  const stop = client.onEvent(({ event }) => heard.push(event));
  socket().deliver({ event: "user_changed", user });
  await clock.advance(5);
  expect(client.chats.find(first.id)?.last_message?.sender).toEqual(user);
  expect(log.get().messages.map(({ sender }) => sender.name)).toEqual(["Robert"]);
  stop();
  socket().deliver({ event: "user_changed", user: bob });
  await clock.advance(5);
  expect(heard).toEqual(["user_changed"]);
});

describe("a list that was kept", () => {
  async function createKept(count: number) {
    const world = createFakeWorld();
    const { server, alice, bob, clock } = world;
    const { cache, control } = createFakeCache();
    const chats = [];
    for (let index = 0; index < count; index++) {
      await clock.advance(1000);
      chats.push(server.chat(String(index), [alice, bob]));
    }
    const options = { cache, userId: alice.id };
    const before = await world.connected(alice, options);
    void before.chats.loadAll();
    await clock.advance(2000);
    before.close();
    await clock.advance(10);
    const start = () => world.client(alice, options);
    const [first, second] = chats;
    if (!first || !second) throw new Error("Too few chats");
    return { ...world, chats, first, second, control, start };
  }

  test("is shown at once and without a network, and says so", async () => {
    const { start, clock, settle, server, second, first } = await createKept(2);
    server.road.faults.lostCall = 1;
    const client = start();
    void client.chats.loadMore().catch(() => {});
    await settle();
    expect(client.chats.get()).toMatchObject({ isFromCache: true, isLoading: true });
    expect(client.chats.get().chats.map(({ id }) => id)).toEqual([second.id, first.id]);
    await clock.advance(30_000);
    expect(client.chats.get().isFromCache).toBe(true);
    client.close();
    await clock.advance(100_000);
  });

  test("is made current by the first page and by catching up; what is gone vanishes", async () => {
    const { start, clock, server, chats, first, second, alice, bob, control } = await createKept(60);
    // Not in the first page, which has 50.
    first.send(bob, "Meanwhile", null);
    server.chats.delete(second.id);
    const newest = chats.at(-1);
    if (!newest) throw new Error("No chats");
    newest.members.delete(alice.id);
    const client = start();
    client.connect();
    void client.chats.loadMore();
    await clock.advance(3000);
    expect(client.chats.get().isFromCache).toBe(false);
    expect(client.chats.find(second.id)).toBeUndefined();
    expect(client.chats.find(newest.id)).toBeUndefined();
    for (const chat of chats.filter((each) => each !== second && each !== newest))
      expect(client.chats.find(chat.id)).toEqual(chat.summaryFor(alice.id));
    await clock.advance(1000);
    expect(control.chats).toHaveLength(58);
  });

  test("loses what is gone by calls alone", async () => {
    const { start, clock, server, first, second } = await createKept(3);
    server.chats.delete(second.id);
    const client = start();
    void client.chats.loadMore();
    await clock.advance(20);
    expect(client.chats.find(second.id)).toBeUndefined();
    expect(client.chats.find(first.id)).toBeDefined();
  });
});
