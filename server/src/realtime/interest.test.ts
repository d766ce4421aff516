import { describe, expect, test } from "bun:test";
import { createInterest } from "./interest.ts";

const at = (version: number) => ({ chat_id: "c", seq: version, version });

function create() {
  const calls: string[] = [];
  const interest = createInterest({
    follow: (chatId) => void calls.push(`follow ${chatId}`),
    unfollow: (chatId) => void calls.push(`unfollow ${chatId}`),
  });
  return { interest, calls };
}

describe("interest in a chat", () => {
  test("begins with the first who hears it and ends with the last", () => {
    const { interest, calls } = create();
    interest.add("c");
    interest.add("c");
    interest.remove("c");
    expect([...interest.all()]).toEqual(["c"]);
    interest.remove("c");
    interest.remove("c");
    expect(calls).toEqual(["follow c", "unfollow c"]);
    expect([...interest.all()]).toEqual([]);
  });

  test("knows the furthest position that was told here", () => {
    const { interest } = create();
    interest.add("c");
    for (const version of [2, 3, 1]) interest.note(at(version));
    expect(interest.known("c")).toEqual(at(3));
    interest.remove("c");
    expect(interest.known("c")).toBeUndefined();
  });

  test("without anybody, positions are kept only while somebody watches", () => {
    const { interest } = create();
    interest.note(at(1));
    expect(interest.known("c")).toBeUndefined();
    const [unwatch, unwatchToo] = [interest.watch(), interest.watch()];
    interest.note(at(2));
    unwatch();
    expect(interest.known("c")).toEqual(at(2));
    interest.add("c");
    unwatchToo();
    expect(interest.known("c")).toEqual(at(2));
  });
});
