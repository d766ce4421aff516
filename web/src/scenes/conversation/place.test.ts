import { describe, expect, test } from "bun:test";
import { chooseOpening } from "./opening.ts";
import { chooseNext, chooseTarget, findPlace, keepPlace } from "./place.ts";

function createStorage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

describe("the place where somebody left a chat", () => {
  test("is found again, of each chat its own", () => {
    const storage = createStorage();
    keepPlace(storage, "a", { seq: 12, offset: -30.4 });
    keepPlace(storage, "b", { seq: 7, offset: 0 });
    expect(findPlace(storage, "a")).toEqual({ seq: 12, offset: -30.4 });
    keepPlace(storage, "a", undefined);
    expect(findPlace(storage, "a")).toBeUndefined();
    expect(findPlace(storage, "b")).toEqual({ seq: 7, offset: 0 });
  });

  test("is none where the browser keeps nothing, or what is kept makes no sense", () => {
    const storage = createStorage();
    storage.setItem("windi.place.a", "over there");
    expect(findPlace(storage, "a")).toBeUndefined();
    keepPlace(undefined, "a", { seq: 1, offset: 0 });
    expect(findPlace(undefined, "a")).toBeUndefined();
  });
});

describe("a chat opens", () => {
  const kept = { seq: 5, offset: 9 };

  test("at the message that the address names, before anything else", () => {
    expect(chooseTarget({ seq: 3, unreadFrom: 8, kept })).toEqual({ kind: "message", seq: 3 });
  });

  test("at its first unread message, then where it was left, then at its end", () => {
    expect(chooseTarget({ seq: undefined, unreadFrom: 8, kept })).toEqual({ kind: "unread", seq: 8 });
    expect(chooseTarget({ seq: undefined, unreadFrom: undefined, kept })).toEqual({ kind: "place", ...kept });
    expect(chooseTarget({ seq: undefined, unreadFrom: undefined, kept: undefined })).toEqual({ kind: "end" });
  });

  test("without an unread line when what is unread is deleted", () => {
    expect(chooseOpening({ read_seq: 4, unread_count: 0 }, undefined, undefined).unreadFrom).toBeUndefined();
    expect(chooseOpening({ read_seq: 4, unread_count: 2 }, undefined, undefined).unreadFrom).toBe(5);
    expect(chooseOpening(undefined, undefined, undefined)).toEqual({
      target: { kind: "end" },
      unreadFrom: undefined,
    });
  });
});

test("the button leads to what is unread below, and the second time to the end", () => {
  const nowhere = { lastVisible: 20, led: undefined };
  expect(chooseNext({ ...nowhere, firstUnread: 50 })).toEqual({ kind: "unread", seq: 50 });
  expect(chooseNext({ ...nowhere, firstUnread: 50, lastVisible: 55 })).toEqual({ kind: "end" });
  expect(chooseNext({ ...nowhere, firstUnread: undefined })).toEqual({ kind: "end" });
  expect(chooseNext({ firstUnread: 62, lastVisible: 61, led: 50 })).toEqual({ kind: "end" });
});
