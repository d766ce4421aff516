import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { Client, ClientOptions } from "@windi/sdk";
import { createFakeCache } from "../../sdk/src/fake-cache.ts";
import { startServer, type Person, type TestServer } from "../harness.ts";
import { clientOf, connectedClient, when } from "./signed-in.ts";

let server: TestServer;
let anna: Person;
let boris: Person;
const clients: Client[] = [];

beforeAll(async () => {
  server = await startServer();
  [anna, boris] = await Promise.all([server.person("Anna"), server.person("Boris")]);
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function connected(person: Person, options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await connectedClient(server.url, person, options);
  clients.push(client);
  return client;
}

async function createGroup(title: string): Promise<string> {
  const body = { title, member_ids: [boris.user.id] };
  return (await clientOf(server.url, anna).call("createGroup", { body })).id;
}

async function send(person: Person, chatId: string, ...texts: string[]): Promise<void> {
  for (const text of texts)
    await clientOf(server.url, person).call("sendMessage", { params: { chat_id: chatId }, body: { text } });
}

const texts = (messages: readonly { text: string }[]) => messages.map(({ text }) => text);

test("a client connects by tickets, again after its connection was cut", async () => {
  const { call } = clientOf(server.url, anna);
  const tickets: string[] = [];
  const ticket = async () => {
    tickets.push((await call("createTicket")).ticket);
    return tickets.at(-1) ?? "";
  };
  const addresses: string[] = [];
  const sockets: WebSocket[] = [];
  const webSocket = class extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      addresses.push(url);
      sockets.push(this);
    }
  };
  const client = await connected(anna, { ticket, webSocket });
  sockets[0]?.close();
  await when(client.connection, ({ phase }) => phase === "waiting");
  await when(client.connection, ({ phase }) => phase === "subscribed");
  expect(new Set(tickets).size).toBe(2);
  expect(addresses.join()).not.toContain("token");
});

test("what was kept is shown, and then what happened meanwhile", async () => {
  const [walks, runs] = [await createGroup("Walks"), await createGroup("Runs")];
  await send(boris, walks, "one", "two");
  const { cache, control } = createFakeCache();
  const before = await connected(anna, { cache });
  await before.chats.loadAll();
  await when(before.chatLog(walks), ({ status }) => status === "ready");
  before.close();
  await send(boris, walks, "three");
  await clientOf(server.url, anna).call("deleteGroup", { params: { group_id: runs } });

  const after = clientOf(server.url, anna, { cache, userId: anna.user.id });
  clients.push(after);
  const log = after.chatLog(walks);
  const kept = await when(log, ({ status }) => status === "ready");
  expect(kept).toMatchObject({ isFromCache: true });
  expect(texts(kept.messages)).toEqual(["one", "two"]);
  after.connect();
  const current = await when(log, ({ isFromCache, isAtEnd }) => !isFromCache && isAtEnd);
  expect(texts(current.messages)).toEqual(["one", "two", "three"]);
  await after.chats.loadAll();
  await when(after.chats, ({ chats }) => chats.every(({ id }) => id !== runs));
  expect(after.chats.find(walks)).toEqual(await after.call("getSummary", { params: { chat_id: walks } }));
  expect(control.logs.has(walks)).toBe(true);
});

test("a long chat that is trimmed loads again what was dropped", async () => {
  const chat = await createGroup("Long");
  await send(boris, chat, ...Array.from({ length: 120 }, (_, index) => String(index + 1)));
  const client = await connected(anna);
  const log = client.chatLog(chat);
  await when(log, ({ status }) => status === "ready");
  await log.loadOlder();
  log.trim({ first: 21, last: 60 });
  expect(log.get()).toMatchObject({ isAtEnd: false, endSeq: 120 });
  await send(boris, chat, "121");
  while (!log.get().isAtEnd) await log.loadNewer();
  expect(texts(log.get().messages)).toEqual(Array.from({ length: 101 }, (_, index) => String(index + 21)));
});

test("settings and drafts are the same on both devices; what is refused is undone", async () => {
  const chat = await createGroup("Both");
  await send(boris, chat, "one", "two", "three");
  const [laptop, phone] = [await connected(anna), await connected(anna)];
  await Promise.all([laptop.chats.loadAll(), phone.chats.loadAll()]);
  await laptop.chats.changeSettings(chat, { is_pinned: true });
  await when(phone.chats, ({ chats }) => chats[0]?.id === chat && chats[0].settings.is_pinned);

  phone.chats.markRead(chat);
  await when(laptop.chats, () => laptop.chats.find(chat)?.unread_count === 0);
  await laptop.chats.changeSettings(chat, { unread_from: 2 });
  await when(phone.chats, () => phone.chats.find(chat)?.unread_count === 2);
  await when(laptop.chats, () => laptop.chats.find(chat)?.unread_count === 2);

  const unread = laptop.chats.totals.get().unread;
  await laptop.chats.changeSettings(chat, { muted_until: "9999-12-31T23:59:59.999Z" });
  await when(phone.chats.totals, (totals) => totals.unread === unread - 2);
  expect(laptop.chats.totals.get().unread).toBe(unread - 2);

  await laptop.chats.saveDraft(chat, "Dear");
  await when(phone.chats, () => phone.chats.find(chat)?.draft?.text === "Dear");
  await phone.chats.saveDraft(chat, "");
  await when(laptop.chats, () => laptop.chats.find(chat)?.draft === null);

  await clientOf(server.url, anna)
    .call("leaveGroup", { params: { group_id: chat } })
    .catch(() => {});
  const nowhere = crypto.randomUUID();
  const failure = await laptop.chats
    .changeSettings(nowhere, { is_pinned: true })
    .catch(({ name }: Error) => name);
  expect(failure).toBe("ApiError");
});
