import { ApiError, type OutboxEntry } from "@windi/sdk";
import { describe, expect, test } from "bun:test";
import { createLanguage } from "../../messages/language.ts";
import { describeRow } from "./row-line.ts";
import { me, sampleChat, sampleMessage } from "./sample-chats.ts";

const nobody = { users: [], count: 0 };
const base = {
  chat: sampleChat("chat"),
  myId: "me",
  typing: nobody,
  draft: undefined,
  pending: undefined,
  language: createLanguage("en", []),
};
const group = (message = sampleMessage()) => sampleChat("g", { type: "group", last_message: message });
const entry = (more: Pick<OutboxEntry, "state"> & Partial<OutboxEntry>) =>
  ({
    key: "k",
    chatId: "chat",
    text: "On  its\nway",
    mentions: [],
    createdAt: 5,
    order: 5,
    ...more,
  }) as OutboxEntry;
const refused = entry({ state: "refused", error: new ApiError({ code: "chat_not_found", detail: "" }) });

describe("the line of a row", () => {
  test("is the last message, with its author in a group", () => {
    expect(describeRow(base)).toMatchObject({ kind: "text", text: "Hello" });
    expect(describeRow(base).author).toBeUndefined();
    expect(describeRow({ ...base, chat: group() }).author).toBe("Anna:");
    expect(describeRow({ ...base, chat: group(sampleMessage({ sender: me })) }).author).toBe("You:");
  });

  test("tells of one's own message how far it has come, and of no other's", () => {
    const mine = (isRead: boolean) =>
      sampleChat("c", { last_message: sampleMessage({ sender: me, is_read: isRead }) });
    expect(describeRow(base).delivery).toBeUndefined();
    expect(describeRow({ ...base, chat: mine(false) }).delivery).toBe("sent");
    expect(describeRow({ ...base, chat: mine(true) }).delivery).toBe("read");
    expect(describeRow({ ...base, pending: entry({ state: "queued" }) })).toMatchObject({
      text: "On its way",
      delivery: "sending",
      at: 5,
    });
    expect(describeRow({ ...base, pending: refused }).delivery).toBe("failed");
  });

  test("tells that a message is deleted or edited, without the deleted text", () => {
    const deleted = sampleMessage({ text: "", deleted_at: "2026-01-31T09:01:00.000Z" });
    expect(describeRow({ ...base, chat: group(deleted) })).toMatchObject({
      kind: "deleted",
      author: "Anna:",
      text: "Message deleted",
    });
    const edited = sampleChat("c", {
      last_message: sampleMessage({ edited_at: "2026-01-31T09:01:00.000Z" }),
    });
    expect(describeRow({ ...base, chat: edited }).isEdited).toBe(true);
  });

  test("is the draft if there is one, but not before what could not be sent", () => {
    expect(describeRow({ ...base, draft: "Not\n\nyet " })).toMatchObject({
      kind: "draft",
      author: "Draft:",
      text: "Not yet",
    });
    expect(describeRow({ ...base, draft: " \n" }).kind).toBe("text");
    expect(describeRow({ ...base, draft: "Not yet", pending: refused }).kind).toBe("text");
  });

  test("is who is writing, before all else", () => {
    const one = { users: [{ userId: "anna", userName: "Anna Petrova" }], count: 1 };
    expect(describeRow({ ...base, typing: one, draft: "x" })).toMatchObject({
      kind: "typing",
      text: "typing…",
    });
    expect(describeRow({ ...base, chat: group(), typing: one }).text).toBe("Anna is typing…");
    expect(describeRow({ ...base, chat: group(), typing: { users: [], count: 7 } }).text).toBe(
      "7 people are typing…",
    );
  });

  test("says that there is nothing yet, with the time of the chat", () => {
    const empty = sampleChat("c", { last_message: null });
    expect(describeRow({ ...base, chat: empty })).toEqual({
      kind: "empty",
      text: "No messages yet",
      at: Date.parse("2026-01-31T09:00:00.000Z"),
    });
  });

  test("holds no more of a long text than a line can show", () => {
    const long = sampleChat("c", { last_message: sampleMessage({ text: "word ".repeat(800) }) });
    expect(describeRow({ ...base, chat: long }).text.length).toBeLessThanOrEqual(300);
  });
});
