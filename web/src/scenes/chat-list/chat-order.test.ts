import { describe, expect, test } from "bun:test";
import { countUnread, filterChats, isInFolder, isMuted, keepOrder, neighbour } from "./chat-order.ts";
import { anna, sampleChat } from "./sample-chats.ts";

const now = Date.parse("2026-01-31T10:00:00.000Z");
const read = sampleChat("read", { name: "Ёлка и друзья", peer: anna });
const unread = sampleChat("unread", { unread_count: 2, type: "group" });
const marked = sampleChat("marked", { settings: { unread_from: 1 } });
const muted = sampleChat("muted", { unread_count: 9, settings: { muted_until: "2026-01-31T11:00:00.000Z" } });
const all = [read, unread, marked, muted];
const ids = (chats: readonly { id: string }[]) => chats.map(({ id }) => id);

describe("folders", () => {
  test("a chat that is marked as unread is among the unread ones", () => {
    expect(ids(all.filter((chat) => isInFolder(chat, "unread")))).toEqual(["unread", "marked", "muted"]);
  });

  test("the open chat stays among the unread ones while it is read", () => {
    expect(isInFolder(read, "unread", "read")).toBe(true);
  });

  test("count their unread chats, without the muted ones", () => {
    expect(countUnread(all, now)).toEqual({ all: 2, personal: 1, groups: 1, unread: 2 });
  });

  test("a chat is muted until its moment", () => {
    expect(isMuted(muted, now)).toBe(true);
    expect(isMuted(muted, now + 3_600_000)).toBe(false);
  });
});

test("the filter finds names whatever their accents, and addresses", () => {
  expect(ids(filterChats(all, "елка"))).toEqual(["read"]);
  expect(ids(filterChats(all, "anna@"))).toEqual(["read"]);
  expect(filterChats(all, " ")).toBe(all);
  expect(filterChats(all, "zzz")).toEqual([]);
});

test("a kept order has the chats as they are now, and what came meanwhile at its end", () => {
  const changed = { ...unread, unread_count: 3 };
  const kept = keepOrder(["read", "gone", "unread"], [changed, marked, read]);
  expect(ids(kept)).toEqual(["read", "unread", "marked"]);
  expect(kept[1]).toBe(changed);
});

describe("the neighbour of a chat", () => {
  const wanted = (chat: { id: string }) => chat.id !== "read";

  test("is the one beside it that is wanted", () => {
    expect(neighbour(all, "read", 1)?.id).toBe("unread");
    expect(neighbour(all, "marked", -1)?.id).toBe("unread");
    expect(neighbour(all, "unread", -1, wanted)?.id).toBe("muted");
  });

  test("at an end is the first from the other one", () => {
    expect(neighbour(all, "muted", 1)?.id).toBe("read");
    expect(neighbour(all, "read", -1)?.id).toBe("muted");
  });

  test("is the first where no chat is open, and none where there is no other", () => {
    expect(neighbour(all, undefined, 1)?.id).toBe("read");
    expect(neighbour([read], "read", 1)).toBeUndefined();
    expect(neighbour([], undefined, -1)).toBeUndefined();
  });
});
