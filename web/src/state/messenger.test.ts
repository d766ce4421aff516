import { describe, expect, test } from "bun:test";
import { createMemoryStorage, createObservable, type MyProfile } from "@windi/sdk";
import { createFakeCache } from "../../../sdk/src/fake-cache.ts";
import { createFakeToken } from "../../../sdk/src/fake-server.ts";
import { createFakeWorld } from "../../../sdk/src/fake-world.ts";
import { createMessenger } from "./messenger.ts";
import type { Session, SessionState } from "./session.ts";
import type { Store, StoredDraft } from "./store.ts";

async function createOpened() {
  const world = createFakeWorld();
  const { server, alice, bob, clock } = world;
  const chat = server.chat("talk", [alice, bob]);
  server.send(bob, chat, "Hello", null);
  const me: MyProfile = { ...alice, shows_presence: true };
  const state = createObservable<SessionState>({ phase: "signed_in", me, isKept: true });
  const control = { mark: "good", subject: alice.id };
  const tokenOf = (mark: string) => createFakeToken(control.subject, 9_000_000_000, mark);
  const token = async () => tokenOf(control.mark);
  const elsewhere: string[] = [];
  const changedElsewhere: Session["changedElsewhere"] = ({ name }) => void elsewhere.push(name);
  const session = {
    get: state.get,
    subscribe: state.subscribe,
    token,
    ticket: token,
    changedElsewhere,
  } as unknown as Session;
  const kept = createFakeCache();
  const drafts = new Map<string, StoredDraft>();
  const closings: string[] = [];
  const store: Store = {
    outbox: createMemoryStorage(),
    cache: kept.cache,
    drafts: {
      load: async () => [...drafts.values()],
      save: async (draft) => void drafts.set(draft.chatId, draft),
      remove: async (chatId) => void drafts.delete(chatId),
    },
    close: () => void closings.push("store"),
  };
  let hide = () => {};
  const open = () =>
    createMessenger({
      url: "http://chat.test",
      session,
      me,
      store,
      clock,
      fetch: server.fetch,
      webSocket: server.webSocket,
      random: () => 0.5,
      wake: () => () => {},
      watchHidden(hidden) {
        hide = hidden;
        return () => (hide = () => {});
      },
    });
  const messenger = open();
  await clock.advance(50);
  const result = { chat, me, state, messenger, open, control, tokenOf, closings, elsewhere };
  return { ...world, ...result, hide: () => hide() };
}

describe("a messenger", () => {
  test("connects by tickets, and loads all chats", async () => {
    const { messenger, server, chat } = await createOpened();
    expect(messenger.client.connection.get().phase).toBe("subscribed");
    expect(messenger.client.chats.get()).toMatchObject({ hasMore: false });
    expect(messenger.client.chats.find(chat.id)?.unread_count).toBe(1);
    for (const { url, protocols } of server.sockets.entrances) {
      expect(url).not.toContain("token");
      expect(protocols[0]).toBe("windi");
    }
  });

  test("opens without a network with what was kept", async () => {
    const { messenger, open, clock, server, chat, closings } = await createOpened();
    messenger.client.chatLog(chat.id).subscribe(() => {});
    await clock.advance(1000);
    messenger.close();
    messenger.close();
    expect(closings).toEqual(["store"]);
    server.road.faults.lostCall = 1;
    server.sockets.control.isDown = true;
    const again = open();
    const log = again.client.chatLog(chat.id);
    log.subscribe(() => {});
    await clock.advance(50);
    expect(again.client.chats.get()).toMatchObject({ isFromCache: true });
    expect(log.get().messages.map(({ text }) => text)).toEqual(["Hello"]);
    again.close();
  });

  test("shows who the person is, and tells the session what was changed elsewhere", async () => {
    const { messenger, state, me, socket, clock, elsewhere, alice, bob } = await createOpened();
    state.set({ phase: "signed_in", me: { ...me, name: "Alicia" }, isKept: true });
    expect(messenger.me.get().name).toBe("Alicia");
    state.set({ phase: "signed_in", me: { ...me, id: "somebody else" }, isKept: true });
    expect(messenger.me.get().id).toBe(alice.id);
    socket().deliver({ event: "user_changed", user: { ...alice, name: "Ali" } });
    socket().deliver({ event: "user_changed", user: { ...bob, name: "Robert" } });
    await clock.advance(5);
    expect(elsewhere).toEqual(["Ali"]);
  });

  test("saves drafts when the page is hidden, and when the connection is back", async () => {
    const { messenger, chat, hide, clock, alice, server, socket } = await createOpened();
    const draft = messenger.drafts.of(chat.id);
    draft.write("Dear");
    hide();
    await clock.advance(10);
    expect(chat.summaryFor(alice.id).draft?.text).toBe("Dear");
    server.road.faults.lostCall = 1;
    draft.write("Dear Bob");
    await clock.advance(2000);
    server.road.faults.lostCall = 0;
    socket().cut();
    await clock.advance(1000);
    expect(chat.summaryFor(alice.id).draft?.text).toBe("Dear Bob");
  });

  test("says and saves nothing as whoever signs in on the browser next", async () => {
    const { messenger, chat, server, clock, control, tokenOf, bob, state, me, socket } = await createOpened();
    server.refusedTokens.add(tokenOf("good"));
    Object.assign(control, { mark: "of Bob", subject: bob.id });
    messenger.drafts.of(chat.id).write("Between us");
    await clock.advance(2000);
    expect(chat.summaryFor(bob.id).draft).toBeNull();

    Object.assign(control, { mark: "better", subject: me.id });
    state.set({ phase: "signed_in", me: { ...me, id: bob.id }, isKept: true });
    socket().cut();
    await clock.advance(60_000);
    expect(messenger.client.connection.get().phase).not.toBe("subscribed");
  });

  test("asks who has read a message, and where a moment is", async () => {
    const { messenger, chat, clock, server, bob } = await createOpened();
    await clock.advance(60_000);
    const moment = new Date(clock.now());
    server.send(bob, chat, "After it", null);
    const place = messenger.placeAt(chat.id, moment);
    const later = messenger.placeAt(chat.id, new Date(clock.now() + 60_000));
    const readers = messenger.readers(chat.id, `${chat.id}-1`);
    await clock.advance(10);
    expect(await place).toBe(2);
    expect(await later).toBeNull();
    expect(await readers).toEqual({ readers: [], count: 0 });
    expect(server.calls).toContain(`GET /chats/${chat.id}/messages/${chat.id}-1/readers`);
  });

  test("whose connection is refused though the person is signed in tries again later", async () => {
    const { messenger, server, clock, socket, control, tokenOf } = await createOpened();
    server.refusedTokens.add(tokenOf("bad"));
    control.mark = "bad";
    socket().cut(4001);
    await clock.advance(20);
    expect(messenger.client.connection.get()).toEqual({ phase: "closed", reason: "signed_out" });
    control.mark = "good";
    await clock.advance(29_000);
    expect(messenger.client.connection.get().phase).toBe("closed");
    await clock.advance(2000);
    expect(messenger.client.connection.get().phase).toBe("subscribed");
  });
});
