import { describe, expect, test } from "bun:test";
import { createLanguage } from "../../messages/language.ts";
import { describeChat, describeTyping } from "./quiet-line.ts";
import { boris } from "./sample-messages.ts";

const english = createLanguage("en", ["en-GB"]);
const typing = (...names: string[]) => ({
  users: names.map((userName) => ({ userId: userName, userName })),
  count: names.length,
});
const nobody = { onlineCount: 0, users: new Map() };

describe("who is typing", () => {
  test("is named in a group, counted when they are many, and needs no name in a personal chat", () => {
    expect(describeTyping(english, typing(), true)).toBe("");
    expect(describeTyping(english, typing("Boris"), false)).toBe("typing…");
    expect(describeTyping(english, typing("Boris"), true)).toBe("Boris is typing…");
    expect(describeTyping(english, typing("Boris", "Vera"), true)).toBe("Boris and Vera are typing…");
    expect(describeTyping(english, { users: [], count: 12 }, true)).toBe("12 people are typing…");
  });
});

describe("who is there", () => {
  test("is said of a group by numbers", () => {
    const group = { type: "group", peer: null, member_count: 5 } as const;
    expect(describeChat(english, group, nobody)).toBe("5 members");
    expect(describeChat(english, group, { ...nobody, onlineCount: 3 })).toBe("5 members, 3 online");
  });

  test("is said of a person as far as they show it", () => {
    const chat = { type: "personal", peer: boris, member_count: 2 } as const;
    const shown = (isOnline: boolean, lastSeenAt: string | null) =>
      describeChat(english, chat, { onlineCount: 0, users: new Map([[boris.id, { isOnline, lastSeenAt }]]) });
    expect(shown(true, null)).toBe("Online");
    expect(shown(false, null)).toBe("");
    expect(shown(false, "2026-01-15T12:00:00.000Z")).toStartWith("Last seen 15 January 2026");
    expect(describeChat(english, chat, nobody)).toBe("");
  });
});
