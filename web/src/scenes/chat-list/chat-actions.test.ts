import { ApiError } from "@windi/sdk";
import { expect, test } from "bun:test";
import { createLanguage } from "../../messages/language.ts";
import { createChatActions } from "./chat-actions.ts";
import { sampleChat } from "./sample-chats.ts";

function setUp(failure?: Error) {
  const done: unknown[][] = [];
  const faults: string[] = [];
  const told: string[] = [];
  const act = (...what: unknown[]) => {
    done.push(what);
    return failure ? Promise.reject(failure) : Promise.resolve();
  };
  const actions = createChatActions({
    client: {
      call: act as never,
      chats: { changeSettings: act, markRead: (chatId) => void done.push(["markRead", chatId]) },
    },
    notices: { tell: (text) => void told.push(text), fault: (text) => void faults.push(text) },
    language: createLanguage("en", []),
    now: () => Date.parse("2026-01-31T10:00:00.000Z"),
  });
  return { done, faults, told, actions };
}
const chat = sampleChat("a", { seq: 7, read_seq: 7 });

test("a chat is muted for some hours, for good, or no more", async () => {
  const { actions, done } = setUp();
  for (const hours of [1, Infinity, 0]) expect(await actions.mute(chat, hours)).toBe(true);
  expect(done).toEqual([
    ["a", { muted_until: "2026-01-31T11:00:00.000Z" }],
    ["a", { muted_until: "9999-12-31T23:59:59.999Z" }],
    ["a", { muted_until: null }],
  ]);
});

test("to mark as read reads what is unread, and else takes the mark away", () => {
  const { actions, done } = setUp();
  actions.markRead({ ...chat, read_seq: 3 });
  actions.markRead({ ...chat, settings: { ...chat.settings, unread_from: 1 } });
  actions.markRead(chat);
  expect(done).toEqual([
    ["markRead", "a"],
    ["a", { unread_from: null }],
  ]);
});

test("to mark as unread begins with the newest message, and an empty chat can be marked", async () => {
  const { actions, done } = setUp();
  await actions.markUnread(chat);
  await actions.markUnread({ ...chat, seq: 0 });
  expect(done).toEqual([
    ["a", { unread_from: 7 }],
    ["a", { unread_from: 1 }],
  ]);
});

test("what the server refuses is told, and is not done", async () => {
  const { actions, faults, told } = setUp(new ApiError({ code: "chat_not_found", detail: "" }));
  expect(await actions.pin(chat, true)).toBe(false);
  expect(await actions.remove(chat)).toBe(false);
  expect(faults).toEqual(["This chat is no longer there.", "This chat is no longer there."]);
  expect(told).toEqual([]);
});

test("a group that is left or deleted is told of by its name", async () => {
  const { actions, done, told } = setUp();
  await actions.leave({ ...chat, group_id: "g" });
  await actions.remove(chat);
  expect(done).toEqual([
    ["leaveGroup", { params: { group_id: "g" } }],
    ["deleteGroup", { params: { group_id: "a" } }],
  ]);
  expect(told).toEqual(["You left “a”.", "“a” is deleted."]);
});
