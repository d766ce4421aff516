import { describe, expect, test } from "bun:test";
import { createEmojiGroups, findEmoji } from "./emoji.ts";

const groups = createEmojiGroups();
const signs = (query: string) => findEmoji(groups, query).map(({ sign }) => sign);

describe("the emoji", () => {
  test("are each one sign, once, with words of both languages", () => {
    const all = groups.flatMap(({ emoji }) => emoji);
    expect(all.length).toBeGreaterThan(200);
    expect(new Set(all.map(({ sign }) => sign)).size).toBe(all.length);
    for (const { sign, words } of all) {
      expect([...new Intl.Segmenter().segment(sign)]).toHaveLength(1);
      expect(sign).toMatch(/\p{Extended_Pictographic}/u);
      expect(words.join(" ")).toMatch(/[a-z]/);
      expect(words.join(" ")).toMatch(/[а-яё]/);
    }
  });

  test("are found by the beginning of a word in either language", () => {
    expect(signs("thumbs")).toEqual(["👍", "👎"]);
    expect(signs("Самолет")).toEqual(["✈️"]);
    expect(signs("heart br")).toEqual(["💔"]);
    expect(signs("nothing like it")).toEqual([]);
  });
});
