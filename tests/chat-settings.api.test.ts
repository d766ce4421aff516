import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type {
  ChatPage,
  ChatSettings,
  ChatSettingsRequest,
  ChatSummary,
  ErrorBody,
  GroupInfo,
  MessageInfo,
  SavedSettings,
} from "@windi/protocol";
import {
  signIn,
  startNodes,
  startServer,
  type DatabaseKind,
  type Person,
  type TestServer,
} from "./harness.ts";
import type { Frame, TestSocket } from "./socket.ts";
import { until } from "./until.ts";

const unset: ChatSettings = { is_pinned: false, muted_until: null, unread_from: null };
const forGood = "9999-12-31T23:59:59.999Z";

async function makeGroup(creator: Person, ...members: Person[]): Promise<string> {
  const body = { title: "Garden", member_ids: members.map(({ user }) => user.id) };
  return (await creator.call<GroupInfo>("POST", "/groups", body)).body.id;
}
const set = (person: Person, chat: string, body: ChatSettingsRequest | object) =>
  person.call<SavedSettings & ErrorBody>("PATCH", `/chats/${chat}/settings`, body);
const summary = async (person: Person, chat: string) =>
  (await person.call<ChatSummary>("GET", `/chats/${chat}/summary`)).body;
const send = async (person: Person, chat: string, text: string, mentions: string[] = []) =>
  (await person.call<MessageInfo>("POST", `/chats/${chat}/messages`, { text, mentions })).body;

async function follow(person: Person): Promise<TestSocket> {
  const socket = await person.connect();
  expect((await socket.request({ action: "subscribe" })).status).toBe("subscribed");
  return socket;
}
const settingsOf = (chat: string) => (frame: Frame) =>
  frame.event === "chat_settings" && frame.chat_id === chat;

describe.each<DatabaseKind>(["embedded", "server"])("settings of a chat on the %s database", (database) => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;

  beforeAll(async () => {
    server = await startServer({ database });
    [alice, bob] = (await Promise.all(["Alice", "Bob"].map(server.person))) as [Person, Person];
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("are one's own; what is not named stays", async () => {
    const chat = await makeGroup(alice, bob);
    const first = await set(alice, chat, { is_pinned: true });
    expect([first.status, first.body]).toEqual([
      200,
      { ...unset, is_pinned: true, own_version: 1 } as typeof first.body,
    ]);
    await set(alice, chat, { muted_until: forGood });
    const all: ChatSettings = { is_pinned: true, muted_until: forGood, unread_from: null };
    expect((await set(alice, chat, {})).body as ChatSettings).toEqual({
      ...all,
      own_version: 3,
    } as ChatSettings);
    expect((await summary(alice, chat)).settings).toEqual(all);
    expect((await summary(bob, chat)).settings).toEqual(unset);
    await set(alice, chat, { is_pinned: false, muted_until: null });
    expect((await summary(alice, chat)).settings).toEqual(unset);
  });

  test("pinned chats stand before all others, each kind by activity", async () => {
    const dora = await server.person("Dora");
    const chats: string[] = [];
    for (let n = 0; n < 4; n++) chats.push(await makeGroup(dora, bob));
    for (const place of [2, 0]) await set(dora, chats[place]!, { is_pinned: true });
    const listed = async () => {
      const one = (await dora.call<ChatPage>("GET", "/chats/summaries?limit=3")).body;
      const rest = (await dora.call<ChatPage>("GET", `/chats/summaries?cursor=${one.next_cursor}`)).body;
      return [...one.chats, ...rest.chats].map(({ id }) => chats.indexOf(id));
    };
    expect(await listed()).toEqual([2, 0, 3, 1]);
    await send(bob, chats[1]!, "up");
    await send(bob, chats[0]!, "up");
    expect(await listed()).toEqual([0, 2, 1, 3]);
    await set(dora, chats[0]!, { is_pinned: false });
    expect(await listed()).toEqual([2, 0, 1, 3]);
  });

  test("twenty chats can be pinned, also by requests at the same moment", async () => {
    const dora = await server.person("Dora");
    const chats = await Promise.all(Array.from({ length: 24 }, () => makeGroup(dora)));
    const answers = await Promise.all(chats.map((chat) => set(dora, chat, { is_pinned: true })));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      refused.map(() => [409, "too_many_pins"]),
    );
    expect(refused).toHaveLength(4);
    const [pinned] = chats.filter((_, place) => answers[place]?.status === 200);
    const [other] = chats.filter((_, place) => answers[place]?.status === 409);
    expect((await set(dora, pinned!, { is_pinned: true })).status).toBe(200);
    expect((await set(dora, other!, { is_pinned: true, muted_until: forGood })).status).toBe(409);
    expect((await summary(dora, other!)).settings).toEqual(unset);
    await set(dora, pinned!, { is_pinned: false });
    expect((await set(dora, other!, { is_pinned: true })).status).toBe(200);
  });

  test.each([
    [{ is_pinned: "yes" }, "is_pinned"],
    [{ is_pinned: null }, "is_pinned"],
    [{ muted_until: "tomorrow" }, "muted_until"],
    [{ unread_from: 0 }, "unread_from"],
    [{ unread_from: 3 }, "unread_from"],
  ])("that are not valid are refused: %p", async (body, field) => {
    const chat = await makeGroup(alice);
    for (const text of ["one", "two"]) await send(alice, chat, text);
    const answer = await set(alice, chat, body);
    expect([answer.status, answer.body.code]).toEqual([422, "invalid_request"]);
    expect(answer.body.detail).toMatchObject([{ loc: ["body", field] }]);
    expect((await summary(alice, chat)).settings).toEqual(unset);
  });

  test("are told to all of one's devices that follow everything, and to nobody else", async () => {
    const chat = await makeGroup(alice, bob);
    const own = await Promise.all([alice, alice].map(follow));
    const others = [await follow(bob), await bob.connect(chat), await alice.connect(chat)];
    await set(alice, chat, { is_pinned: true });
    const settings = { ...unset, is_pinned: true };
    for (const socket of own)
      expect(await socket.next(settingsOf(chat))).toEqual({
        ...{ event: "chat_settings", chat_id: chat, own_version: 1, settings },
      });
    await set(alice, chat, {});
    for (const socket of [...own, ...others]) await socket.settle();
    expect([...own, ...others].map(({ frames }) => frames.filter(settingsOf(chat)).length)).toEqual([
      ...[1, 1, 0, 0, 0],
    ]);
  });

  test("a chat that is marked as unread counts from there, until a message at or after it is read", async () => {
    const chat = await makeGroup(alice, bob);
    const sent: MessageInfo[] = [];
    for (const text of ["1", "2", "3"]) sent.push(await send(alice, chat, text, [bob.user.id]));
    const [phone, laptop] = (await Promise.all([bob, bob].map(follow))) as [TestSocket, TestSocket];
    const read = (n: number) =>
      phone.request({ action: "message_read", chat_id: chat, message_id: sent[n]?.id });
    const unread = async () => {
      const { unread_count, mention_count, read_seq, settings } = await summary(bob, chat);
      return [unread_count, mention_count, read_seq, settings.unread_from];
    };
    await read(2);
    expect(await unread()).toEqual([0, 0, 3, null]);
    await set(bob, chat, { unread_from: 2 });
    expect(await unread()).toEqual([2, 2, 1, 2]);
    await send(bob, chat, "mine");
    expect(await unread()).toEqual([3, 2, 1, 2]);
    await read(0);
    expect(await unread()).toEqual([3, 2, 1, 2]);
    const reads = (socket: TestSocket) =>
      socket.frames.filter(({ event, chat_id }) => event === "chat_read" && chat_id === chat);
    expect(reads(laptop)).toHaveLength(1);
    await read(1);
    expect(await unread()).toEqual([0, 0, 4, null]);
    await read(1);
    for (const socket of [phone, laptop]) {
      await socket.settle();
      expect(reads(socket).slice(1)).toEqual([
        { event: "chat_read", chat_id: chat, read_seq: 2, own_version: 3 },
      ]);
    }
    await set(bob, chat, { unread_from: 4 });
    await set(bob, chat, { unread_from: null });
    expect(await unread()).toEqual([0, 0, 4, null]);
  });

  test("end with the membership", async () => {
    const chat = await makeGroup(alice, bob);
    await set(bob, chat, { is_pinned: true, muted_until: forGood });
    await bob.call("POST", `/groups/${chat}/leave`);
    expect((await set(bob, chat, { is_pinned: true })).body.code).toBe("chat_not_found");
    await alice.call("POST", `/groups/${chat}/members`, { user_ids: [bob.user.id] });
    expect((await summary(bob, chat)).settings).toEqual(unset);
  });
});

test("settings that are changed on one node are told on the other", async () => {
  await using nodes = await startNodes();
  const [here, there] = nodes.servers;
  const alice = await here.person("Alice");
  const chat = await makeGroup(alice);
  const elsewhere = await follow(await signIn(there.url, alice.user, alice.password));
  await set(alice, chat, { muted_until: forGood });
  const settings = { ...unset, muted_until: forGood };
  expect(await elsewhere.next(settingsOf(chat))).toMatchObject({ own_version: 1, settings });
});

test("of what is changed on two nodes at once, the greatest count is told of what stays", async () => {
  await using nodes = await startNodes();
  const [here, there] = nodes.servers;
  const alice = await here.person("Alice");
  const chat = await makeGroup(alice);
  const message = await send(alice, chat, "Hello");
  const other = await signIn(there.url, alice.user, alice.password);
  const phone = await follow(alice);
  const change = (n: number) =>
    set(n % 2 ? alice : other, chat, n % 3 ? { is_pinned: n % 4 < 2 } : { unread_from: 1 });
  const read = phone.request({ action: "message_read", chat_id: chat, message_id: message.id });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => change(n)));
  await read;
  await until(() => phone.frames.filter(settingsOf(chat)).length === 20);
  const told = answers.map(({ body }) => body).toSorted((a, b) => a.own_version - b.own_version);
  expect(new Set(told.map(({ own_version }) => own_version)).size).toBe(20);
  const now = await summary(alice, chat);
  const reads = phone.frames
    .filter(({ event }) => event === "chat_read")
    .map((frame) => frame["own_version"]);
  const { own_version: last, ...settings } = told.at(-1)!;
  expect(now.own_version).toBe(Math.max(last, ...(reads as number[])));
  if (now.own_version === last) expect(now.settings).toEqual(settings);
  else expect(now.settings).toEqual({ ...settings, unread_from: null });
});
