import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ChatSummary, ErrorBody, GroupInfo, SavedDraft } from "@windi/protocol";
import type { z } from "zod";
import {
  signIn,
  startNodes,
  startServer,
  type DatabaseKind,
  type Person,
  type TestServer,
} from "./harness.ts";
import type { Frame, TestSocket } from "./socket.ts";

async function makeGroup(creator: Person, ...members: Person[]): Promise<string> {
  const body = { title: "Garden", member_ids: members.map(({ user }) => user.id) };
  return (await creator.call<GroupInfo>("POST", "/groups", body)).body.id;
}
const write = (person: Person, chat: string, text: unknown) =>
  person.call<z.infer<typeof SavedDraft> & ErrorBody>("PUT", `/chats/${chat}/draft`, { text });
const draftOf = async (person: Person, chat: string) =>
  (await person.call<ChatSummary>("GET", `/chats/${chat}/summary`)).body.draft;

async function follow(person: Person): Promise<TestSocket> {
  const socket = await person.connect();
  await socket.request({ action: "subscribe" });
  return socket;
}
const isDraftIn = (chat: string) => (frame: Frame) => frame.event === "draft" && frame.chat_id === chat;

describe.each<DatabaseKind>(["embedded", "server"])("drafts on the %s database", (database) => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;

  beforeAll(async () => {
    server = await startServer({ database });
    [alice, bob] = (await Promise.all(["Alice", "Bob"].map(server.person))) as [Person, Person];
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("are one's own, and the last one written is there", async () => {
    const chat = await makeGroup(alice, bob);
    expect(await draftOf(alice, chat)).toBeNull();
    const first = (await write(alice, chat, "Dear")).body.draft;
    const { status, body } = await write(alice, chat, "Dear Bob");
    expect([status, body.draft?.text]).toEqual([200, "Dear Bob"]);
    expect(Date.parse(body.draft!.updated_at)).toBeGreaterThanOrEqual(Date.parse(first!.updated_at));
    expect(await draftOf(alice, chat)).toEqual(body.draft);
    expect(await draftOf(bob, chat)).toBeNull();
    await write(bob, chat, "Mine");
    expect((await draftOf(alice, chat))?.text).toBe("Dear Bob");
  });

  test("stay when a message is sent, and go when they are empty", async () => {
    const chat = await makeGroup(alice);
    await write(alice, chat, "Dear");
    await alice.call("POST", `/chats/${chat}/messages`, { text: "Dear" });
    expect((await draftOf(alice, chat))?.text).toBe("Dear");
    for (const own_version of [2, 3])
      expect((await write(alice, chat, "")).body as object).toEqual({ draft: null, own_version });
    expect(await draftOf(alice, chat)).toBeNull();
  });

  test("have a message's length at most", async () => {
    const chat = await makeGroup(alice);
    expect((await write(alice, chat, "🙂".repeat(4096))).status).toBe(200);
    for (const text of ["x".repeat(4097), null, "\0"]) {
      const { status, body } = await write(alice, chat, text);
      expect([status, body.code]).toEqual([422, "invalid_request"]);
      expect(body.detail).toMatchObject([{ loc: ["body", "text"] }]);
    }
  });

  test("written at the same moment leave one of them", async () => {
    const chat = await makeGroup(alice);
    const texts = Array.from({ length: 20 }, (_, n) => `text ${n}`);
    const answers = await Promise.all(texts.map((text) => write(alice, chat, text)));
    expect(answers.map(({ status }) => status)).toEqual(texts.map(() => 200));
    const drafts = answers.map(({ body }) => body.draft);
    const kept = await draftOf(alice, chat);
    expect(drafts).toContainEqual(kept);
    const last = answers.toSorted((a, b) => a.body.own_version - b.body.own_version).at(-1);
    expect([last?.body.own_version, last?.body.draft]).toEqual([20, kept]);
    for (const draft of drafts) expect(kept!.updated_at >= draft!.updated_at).toBe(true);
  });

  test("go with the membership, and with the chat", async () => {
    const chat = await makeGroup(alice, bob);
    const ends: (() => Promise<unknown>)[] = [
      () => bob.call("POST", `/groups/${chat}/leave`),
      () => alice.call("DELETE", `/groups/${chat}/members`, { user_ids: [bob.user.id] }),
    ];
    await write(alice, chat, "Mine stays");
    for (const end of ends) {
      await write(bob, chat, "Dear");
      await end();
      expect((await write(bob, chat, "Dear")).body.code).toBe("chat_not_found");
      await alice.call("POST", `/groups/${chat}/members`, { user_ids: [bob.user.id] });
      expect(await draftOf(bob, chat)).toBeNull();
    }
    expect((await draftOf(alice, chat))?.text).toBe("Mine stays");
    await alice.call("DELETE", `/groups/${chat}`);
    expect((await write(alice, chat, "Dear")).body.code).toBe("chat_not_found");
  });

  test("are told to all of one's devices that follow everything, and to nobody else", async () => {
    const chat = await makeGroup(alice, bob);
    const own = await Promise.all([alice, alice].map(follow));
    const others = [await follow(bob), await bob.connect(chat), await alice.connect(chat)];
    const { draft } = (await write(alice, chat, "Dear")).body;
    await write(alice, chat, "");
    const told = { event: "draft", chat_id: chat };
    for (const socket of own) {
      expect(await socket.next(isDraftIn(chat))).toEqual({ ...told, own_version: 1, draft });
      expect(await socket.next(isDraftIn(chat))).toEqual({ ...told, own_version: 2, draft: null });
    }
    for (const socket of others) await socket.settle();
    expect(others.flatMap(({ frames }) => frames.filter(isDraftIn(chat)))).toEqual([]);
  });
});

test("drafts are limited, one's own alone", async () => {
  await using server = await startServer({ environment: { RATE_LIMITS: "draft=2/3600" } });
  const [alice, bob] = (await Promise.all(["Alice", "Bob"].map(server.person))) as [Person, Person];
  const chat = await makeGroup(alice, bob);
  const statuses = [];
  for (const text of ["1", "2", "3"]) statuses.push((await write(alice, chat, text)).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect((await write(bob, chat, "1")).status).toBe(200);
});

test("drafts that are written on one node are told on the other", async () => {
  await using nodes = await startNodes();
  const [here, there] = nodes.servers;
  const alice = await here.person("Alice");
  const chat = await makeGroup(alice);
  const elsewhere = await follow(await signIn(there.url, alice.user, alice.password));
  const { draft } = (await write(alice, chat, "Dear")).body;
  expect((await elsewhere.next(isDraftIn(chat)))["draft"]).toEqual(draft);
});
