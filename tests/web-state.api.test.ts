import { afterAll, beforeAll, expect, test } from "bun:test";
import "fake-indexeddb/auto";
import { createMessenger } from "../web/src/state/messenger.ts";
import { createSession } from "../web/src/state/session.ts";
import { createStore, forgetStore } from "../web/src/state/store.ts";
import { systemClock as clock } from "../web/src/state/system-clock.ts";
import { startServer, type TestServer } from "./harness.ts";
import { when } from "./sdk/signed-in.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A browser with cookies for this server, and nothing else that stands between it and the client. */
function createBrowser() {
  const cookies = new Map<string, string>();
  const control = { isDown: false };
  const entries = new Map<string, string>();

  async function browse(url: string, init: RequestInit): Promise<Response> {
    if (control.isDown) throw new TypeError("The network is down");
    const headers = new Headers(init.headers);
    headers.set("origin", server.url);
    if (init.credentials === "same-origin")
      headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const answer = await fetch(url, { ...init, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line) || value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  }

  const open = () =>
    createSession({
      url: server.url,
      fetch: browse,
      clock,
      locks: undefined,
      channel: undefined,
      storage: {
        getItem: (key) => entries.get(key) ?? null,
        setItem: (key, value) => void entries.set(key, value),
        removeItem: (key) => void entries.delete(key),
      },
      forget: forgetStore,
    });
  return { cookies, control, entries, open, browse };
}

test("a person registers, reloads, works with the network off, and signs out", async () => {
  const { cookies, control, entries, open, browse } = createBrowser();
  const first = open();
  await first.start();
  expect(first.get()).toEqual({ phase: "signed_out" });
  await first.register({ name: "Vera", email: "vera@example.org", password: "correct horse" });
  expect(first.get()).toMatchObject({ phase: "signed_in", isKept: true, me: { name: "Vera" } });
  expect(cookies.size).toBe(1);
  first.dispose();

  const session = open();
  await session.start();
  const now = session.get();
  if (now.phase !== "signed_in") throw new Error(`Not signed in: ${now.phase}`);
  const token = await session.token(undefined);
  expect([...entries.values(), ...cookies.values()].join()).not.toContain(token);
  const { id: chatId } = await session.call("createGroup", { body: { title: "Notes", member_ids: [] } });
  const openMessenger = () =>
    createMessenger({
      url: server.url,
      session,
      me: now.me,
      clock,
      fetch: browse,
      store: createStore({ userId: now.me.id, channel: undefined, now: () => clock.now() }),
      watchHidden: () => () => {},
    });

  const before = openMessenger();
  await when(before.client.connection, ({ phase }) => phase === "subscribed");
  before.client.outbox.send(chatId, "Milk");
  await when(before.client.chatLog(chatId), ({ messages }) => messages.length === 1);
  const { seq } = before.client.chatLog(chatId).get().messages[0] ?? { seq: 1 };
  expect(await before.placeAt(chatId, new Date(0))).toBe(seq);
  await when(before.client.chats, ({ hasMore }) => !hasMore);
  before.drafts.of(chatId).write("Bread");
  before.drafts.flush();
  await when(before.client.chats, () => before.client.chats.find(chatId)?.draft?.text === "Bread");
  before.close();

  control.isDown = true;
  const offline = openMessenger();
  await when(offline.client.chats, ({ chats, isFromCache }) => isFromCache && chats.length === 1);
  const log = await when(offline.client.chatLog(chatId), ({ status }) => status === "ready");
  expect(log.messages.map(({ text }) => text)).toEqual(["Milk"]);
  expect(offline.drafts.of(chatId).get()).toBe("Bread");
  offline.client.outbox.send(chatId, "Eggs");
  control.isDown = false;
  const current = await when(
    offline.client.chatLog(chatId),
    ({ messages, isFromCache }) => !isFromCache && messages.length === 2,
  );
  expect(current.messages.map(({ text }) => text)).toEqual(["Milk", "Eggs"]);

  const devices = await session.devices();
  expect(devices.filter(({ is_current }) => is_current)).toHaveLength(1);
  await session.changeProfile({ name: "Vera P." });
  await when(offline.me, ({ name }) => name === "Vera P.");
  await session.changePassword({ current_password: "correct horse", new_password: "battery staple" });
  expect(await session.call("getMe")).toMatchObject({ name: "Vera P." });
  await session.signOut();
  offline.close();
  expect(session.get()).toEqual({ phase: "signed_out" });
  expect(cookies.size).toBe(0);
  expect(entries.size).toBe(0);
  const again = open();
  await again.start();
  expect(again.get()).toEqual({ phase: "signed_out" });
  for (const each of [session, again]) each.dispose();
}, 30_000);

test("a session that is ended on another device is signed out here, and its connection is closed", async () => {
  const [laptop, phone] = [createBrowser(), createBrowser()];
  const [first, second] = [laptop.open(), phone.open()];
  await first.register({ name: "Oleg", email: "oleg@example.org", password: "correct horse" });
  await second.signIn({ email: "oleg@example.org", password: "correct horse" });
  const now = first.get();
  if (now.phase !== "signed_in") throw new Error(`Not signed in: ${now.phase}`);
  const messenger = createMessenger({
    url: server.url,
    session: first,
    me: now.me,
    clock,
    fetch: laptop.browse,
    store: createStore({ userId: now.me.id, channel: undefined, now: () => clock.now() }),
    watchHidden: () => () => {},
  });
  await when(messenger.client.connection, ({ phase }) => phase === "subscribed");
  await second.endOtherDevices();
  await when(first, ({ phase }) => phase === "signed_out");
  expect(first.get()).toEqual({ phase: "signed_out", because: "ended" });
  const closed = await when(messenger.client.connection, ({ phase }) => phase === "closed");
  expect(closed).toMatchObject({ reason: "signed_out" });
  messenger.close();
  for (const each of [first, second]) each.dispose();
}, 30_000);
