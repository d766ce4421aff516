import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ErrorBody, GroupInfo, MessageInfo, MessageReaders, Place } from "@windi/protocol";
import { startServer, type Person, type TestServer } from "./harness.ts";

let server: TestServer;
let alice: Person;
let bob: Person;
let chat: string;
let messages: MessageInfo[];

beforeAll(async () => {
  server = await startServer();
  [alice, bob] = (await Promise.all(["Alice", "Bob"].map(server.person))) as [Person, Person];
  const body = { title: "Garden", member_ids: [bob.user.id] };
  chat = (await alice.call<GroupInfo>("POST", "/groups", body)).body.id;
  messages = [];
  for (const text of ["1", "2", "3"])
    messages.push((await alice.call<MessageInfo>("POST", `/chats/${chat}/messages`, { text })).body);
});
afterAll(() => server[Symbol.asyncDispose]());

const place = (at: string) => alice.call<Place & ErrorBody>("GET", `/chats/${chat}/place?at=${at}`);

test("a message's readers are who has read it so far", async () => {
  const socket = await bob.connect(chat);
  await socket.request({ action: "message_read", chat_id: chat, message_id: messages[1]?.id });
  const readers = async (message: MessageInfo) =>
    (await alice.call<MessageReaders>("GET", `/chats/${chat}/messages/${message.id}/readers`)).body;
  const none: MessageReaders = { readers: [], count: 0 };
  const some: MessageReaders = { readers: [bob.user], count: 1 };
  expect(await Promise.all(messages.map(readers))).toEqual([some, some, none]);
  const missing = `/chats/${chat}/messages/${crypto.randomUUID()}/readers`;
  expect((await alice.call<ErrorBody>("GET", missing)).body.code).toBe("message_not_found");
});

test("a moment's place is the first message at or after it", async () => {
  const times = messages.map(({ created_at }) => created_at);
  const first = times.findIndex((time) => time === times[2]) + 1;
  expect((await place(times[2]!)).body as Place).toEqual({ seq: first });
  expect((await place("2000-01-01T00:00:00Z")).body as Place).toEqual({ seq: 1 });
  expect((await place("9999-12-31T23:59:59.999Z")).body as Place).toEqual({ seq: null });
});

test.each(["", "yesterday", "2026-02-30T00:00:00Z", "1769850000000"])(
  "what is no moment is refused: %p",
  async (at) => {
    const { status, body } = await place(at);
    expect([status, body.code]).toEqual([422, "invalid_request"]);
    expect(body.detail).toMatchObject([{ loc: ["query", "at"] }]);
  },
);
