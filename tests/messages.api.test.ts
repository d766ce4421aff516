import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ChatInfo, MessageInfo } from "@windi/protocol";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";

describe.each<DatabaseKind>(["embedded", "server"])("messages on the %s database", (database) => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;
  let chat: ChatInfo;

  beforeAll(async () => {
    server = await startServer({ database });
    [alice, bob] = await Promise.all([server.person("Alice"), server.person("Bob")]);
    chat = (await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id })).body;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("a message reaches everyone who joined, the sender included, and the history", async () => {
    const [a, b] = await Promise.all([alice.connect(chat.id), bob.connect(chat.id)]);
    const answer = await a.request({ action: "send_message", chat_id: chat.id, text: "Привет \u{1F44B}" });
    const heard = await b.next((frame) => frame.event === "new_message");
    expect(answer.data).toEqual(heard.data);
    expect(heard.request_id).toBeUndefined();
    const history = await bob.call<MessageInfo[]>("GET", `/messages/history/${chat.id}`);
    expect(history.body).toEqual([heard.data]);
    expect(heard.data).toMatchObject({
      seq: 1,
      version: 1,
      text: "Привет \u{1F44B}",
      sender: alice.user,
      is_read: false,
    });
  });

  test("reading is told to all who joined and shows in the history", async () => {
    const [a, b] = await Promise.all([alice.connect(chat.id), bob.connect(chat.id)]);
    const sent = await a.request({ action: "send_message", chat_id: chat.id, text: "read me" });
    b.send({ action: "message_read", chat_id: chat.id, message_id: sent.data.id });
    const read = await a.next((frame) => frame.event === "message_read");
    expect(read.data).toMatchObject({ chat_id: chat.id, message_id: sent.data.id, user_id: bob.user.id });
    const history = await alice.call<MessageInfo[]>("GET", `/messages/history/${chat.id}`);
    expect(history.body.at(-1)).toMatchObject({ is_read: true, read_at: read.data.read_at });
  });
});
