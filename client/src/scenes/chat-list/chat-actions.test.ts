import { ApiError, createObservable, type ChatSummary } from "@windi/sdk";
import { expect, test } from "bun:test";
import { createLanguage } from "../../messages/language.ts";
import { createChatActions } from "./chat-actions.ts";
import { sampleChat, sampleMessage } from "./sample-chats.ts";

function setUp(chats: readonly ChatSummary[]) {
  const state = createObservable({ chats, hasMore: false, isLoading: false });
  const calls: { id: string; input: unknown; resolve: () => void; reject: (error: Error) => void }[] = [];
  const read: string[] = [];
  const faults: string[] = [];
  const told: string[] = [];
  const actions = createChatActions({
    client: {
      call: ((id: string, input: unknown) =>
        new Promise<void>((resolve, reject) => calls.push({ id, input, resolve, reject }))) as never,
      chats: {
        ...state,
        find: (chatId) => state.get().chats.find(({ id }) => id === chatId),
        loadMore: () => Promise.resolve(),
        markRead: (chatId) => void read.push(chatId),
      },
    },
    notices: { tell: (text) => void told.push(text), fault: (text) => void faults.push(text) },
    language: createLanguage("en", []),
    now: () => Date.parse("2026-01-31T10:00:00.000Z"),
  });
  return { state, calls, read, faults, told, actions };
}
const refusal = new ApiError({ code: "chat_not_found", detail: "" });
const a = sampleChat("a");
const b = sampleChat("b");
const ids = (chats: readonly ChatSummary[]) => chats.map(({ id }) => id);

test("a chat that is pinned is first at once, and the server is asked", () => {
  const { actions, calls } = setUp([a, b]);
  void actions.pin(b, true);
  expect(ids(actions.chats.get())).toEqual(["b", "a"]);
  expect(calls).toMatchObject([
    { id: "changeSettings", input: { params: { chat_id: "b" }, body: { is_pinned: true } } },
  ]);
});

test("what the server refuses is taken back and told", async () => {
  const { actions, calls, faults } = setUp([a, b]);
  const pinning = actions.pin(b, true);
  calls[0]?.reject(refusal);
  await pinning;
  expect(ids(actions.chats.get())).toEqual(["a", "b"]);
  expect(faults).toEqual(["This chat is no longer there."]);
});

test("what the list is told afterwards is newer than what was wanted", async () => {
  const { actions, calls, state } = setUp([a]);
  const muting = actions.mute(a, 1);
  expect(actions.find("a")?.settings.muted_until).toBe("2026-01-31T11:00:00.000Z");
  calls[0]?.resolve();
  await muting;
  expect(actions.find("a")?.settings.muted_until).toBe("2026-01-31T11:00:00.000Z");
  state.set({ ...state.get(), chats: [{ ...a, settings: { ...a.settings, muted_until: null } }] });
  expect(actions.find("a")?.settings.muted_until).toBeNull();
});

test("other news of a chat leave what is wanted of it", () => {
  const { actions, state } = setUp([a]);
  void actions.pin(a, true);
  state.set({ ...state.get(), chats: [{ ...a, unread_count: 4 }] });
  expect(actions.find("a")).toMatchObject({ unread_count: 4, settings: { is_pinned: true } });
});

test("two changes in a row are both seen", () => {
  const { actions } = setUp([a]);
  void actions.pin(a, true);
  void actions.mute(a, Infinity);
  expect(actions.find("a")?.settings).toMatchObject({
    is_pinned: true,
    muted_until: "9999-12-31T23:59:59.999Z",
  });
});

test("to mark as read reads what is unread, and else takes the mark away", () => {
  const unread = sampleChat("u", { seq: 5, read_seq: 2, last_message: sampleMessage({ seq: 5 }) });
  const marked = sampleChat("m", { settings: { unread_from: 1 } });
  const { actions, calls, read } = setUp([unread, marked]);
  actions.markRead(unread);
  expect(read).toEqual(["u"]);
  expect(calls).toEqual([]);
  actions.markRead(marked);
  expect(calls).toMatchObject([{ input: { params: { chat_id: "m" }, body: { unread_from: null } } }]);
});

test("to mark as unread begins with the newest message, and an empty chat can be marked", () => {
  const { actions, calls } = setUp([sampleChat("a", { seq: 7 }), sampleChat("e", { seq: 0 })]);
  for (const chat of actions.chats.get()) void actions.markUnread(chat);
  expect(calls).toMatchObject([
    { input: { body: { unread_from: 7 } } },
    { input: { body: { unread_from: 1 } } },
  ]);
});

test("a group that is left or deleted is told of, and one that is not, why", async () => {
  const { actions, calls, told, faults } = setUp([a]);
  const leaving = actions.leave(a);
  calls[0]?.resolve();
  expect(await leaving).toBe(true);
  expect(told).toEqual(["You left “a”."]);
  const removing = actions.remove(a);
  calls[1]?.reject(refusal);
  expect(await removing).toBe(false);
  expect(faults).toHaveLength(1);
});
