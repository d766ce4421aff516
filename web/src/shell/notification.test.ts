import { expect, test } from "bun:test";
import { createLanguage } from "../messages/language.ts";
import { sampleChat, sampleMessage } from "../scenes/chat-list/sample-chats.ts";
import { notificationOf } from "./notification.ts";

const language = createLanguage("en", []);
const id = "0190a5f2-7c3e-7a41-9d15-3f6c2b8e4a70";

test("a chat has one notification, which leads to its newest message and makes no sound of its own", () => {
  const chat = sampleChat(id, { name: "Anna" });
  const { tag, data, silent } = notificationOf(
    { chat, message: sampleMessage({ chat_id: id, seq: 7 }) },
    language,
  );
  expect([tag, data.address, silent]).toEqual([id, `#/chats/${id}/7`, true]);
});

test("in a group it says who wrote", () => {
  const message = sampleMessage({
    text: "Hello\n  there",
    sender: { id: "b", name: "Boris", email: "boris@example.com" },
  });
  const say = (type: "personal" | "group") =>
    notificationOf({ chat: sampleChat(id, { type }), message }, language).body;
  expect([say("group"), say("personal")]).toEqual(["Boris: Hello there", "Hello there"]);
});

test("a long message is cut between characters", () => {
  const message = sampleMessage({ text: "🙂".repeat(300) });
  const { body } = notificationOf({ chat: sampleChat(id), message }, language);
  expect(body).toBe(`${"🙂".repeat(159)}…`);
});
