import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { MessageText, countCharacters } from "@windi/protocol";
import { createSentences, loadCorpus } from "./corpus.ts";

const corpus = loadCorpus();
const all = [...corpus.english, ...corpus.russian, ...corpus.special];
const special = corpus.special.join("\n");

function take(seed: number, count: number): string[] {
  const sentences = createSentences(seed, corpus);
  return Array.from({ length: count }, () => sentences.next());
}

describe("the corpus", () => {
  test("has at least 1,100 English, 700 Russian and 110 special messages in less than 400 KB", () => {
    expect(corpus.english.length).toBeGreaterThanOrEqual(1100);
    expect(corpus.russian.length).toBeGreaterThanOrEqual(700);
    expect(corpus.special.length).toBeGreaterThanOrEqual(110);
    const names = ["english.txt", "russian.txt", "special.txt"];
    const sizes = names.map((name) => statSync(new URL(name, import.meta.url)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(400_000);
  });

  test("every message is one that the contract accepts", () => {
    expect(all.filter((message) => !MessageText.safeParse(message).success)).toEqual([]);
  });

  test("no message occurs twice", () => {
    const seen = new Set<string>();
    expect(all.filter((message) => seen.size === seen.add(message).size)).toEqual([]);
  });

  test("each language is written in its script", () => {
    expect(corpus.english.filter((message) => /\p{Script=Cyrillic}/u.test(message))).toEqual([]);
    expect(corpus.russian.filter((message) => /\p{Script=Latin}/u.test(message))).toEqual([]);
    expect(corpus.english.filter((message) => !/\p{Script=Latin}/u.test(message))).toEqual([]);
    expect(corpus.russian.filter((message) => !/\p{Script=Cyrillic}/u.test(message))).toEqual([]);
  });

  test("messages are short lines, paragraphs, and a few as long as the contract allows", () => {
    const lengths = all.map(countCharacters);
    expect(lengths.filter((length) => length <= 20).length).toBeGreaterThan(100);
    expect(lengths.filter((length) => length >= 500 && length <= 1500).length).toBeGreaterThan(10);
    expect(lengths.filter((length) => length > 4000).length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...lengths)).toBe(4096);
  });

  test("an escaped newline becomes a newline, an escaped backslash a backslash", () => {
    expect(corpus.special).toContain("First line\nSecond line\n\nFourth line after an empty one");
    expect(corpus.special).toContain("C:\\new\\table\\users");
    expect(corpus.special).toContain("one backslash then n: \\n is not a new line");
  });
});

describe("the special messages", () => {
  const scripts: [string, RegExp][] = [
    ["Arabic", /\p{Script=Arabic}/u],
    ["Hebrew", /\p{Script=Hebrew}/u],
    ["Devanagari", /\p{Script=Devanagari}/u],
    ["Bengali", /\p{Script=Bengali}/u],
    ["Tamil", /\p{Script=Tamil}/u],
    ["Thai", /\p{Script=Thai}/u],
    ["Han", /\p{Script=Han}/u],
    ["Hiragana", /\p{Script=Hiragana}/u],
    ["Katakana", /\p{Script=Katakana}/u],
    ["Hangul", /\p{Script=Hangul}/u],
  ];
  test.each(scripts)("have text in the script %s", (_, script) => {
    expect(special).toMatch(script);
  });

  const kinds: [string, RegExp][] = [
    ["Persian letters", /[پچگ]/u],
    ["Hebrew mixed with Latin and digits", /\p{Script=Hebrew}.*[A-Za-z]+-?\d/u],
    ["joined emoji families", /\p{Emoji}\u200d\p{Emoji}\u200d\p{Emoji}/u],
    ["flags", /\p{Regional_Indicator}{2}/u],
    ["skin tones", /\p{Emoji_Modifier_Base}\p{Emoji_Modifier}/u],
    ["keycaps", /[0-9#*]\ufe0f\u20e3/u],
    ["decomposed Vietnamese", /e\u0323\u0302/u],
    ["a letter under three marks", /\p{L}\p{M}{3}/u],
    ["mathematical letters beyond the BMP", /[\u{1d400}-\u{1d7ff}]/u],
    ["zero-width characters", /\u200b.*[\s\S]*\u2060/u],
    ["direction controls", /[\u202e\u2068]/u],
    ["line and paragraph separators", /\u2028.*[\s\S]*\u2029/u],
    ["tabs", /\t/u],
    ["newlines", /\S\n\S/u],
    ["an image tag with a handler", /<img src=x onerror=/u],
    ["an SQL injection", /'; DROP TABLE/u],
    ["JSON", /\{"action":"send_message"/u],
    ["links", /https:\/\/\S+/u],
    ["a word of a thousand letters", /a{1000}/u],
  ];
  test.each(kinds)("have %s", (_, pattern) => {
    expect(corpus.special.some((message) => pattern.test(message)) || pattern.test(special)).toBeTrue();
  });
});

describe("the stream of sentences", () => {
  test("the same seed gives the same sequence, another seed another", () => {
    expect(take(7, 200)).toEqual(take(7, 200));
    expect(take(7, 200)).not.toEqual(take(8, 200));
  });

  test("is about 55 % Russian, 35 % English and 10 % special", () => {
    const messages = take(1, 10_000);
    const share = (list: string[]) => {
      const known = new Set(list);
      return messages.filter((message) => known.has(message)).length / messages.length;
    };
    expect(share(corpus.russian)).toBeCloseTo(0.55, 1);
    expect(share(corpus.english)).toBeCloseTo(0.35, 1);
    expect(share(corpus.special)).toBeCloseTo(0.1, 1);
  });

  test("neighbours of one language follow each other as in their source", () => {
    const lines = take(3, 1000).filter((message) => !corpus.special.includes(message));
    const follows = lines.filter((line, i) => {
      const before = lines[i - 1];
      const list = corpus.russian.includes(line) ? corpus.russian : corpus.english;
      return before !== undefined && list.indexOf(line) === list.indexOf(before) + 1;
    });
    expect(follows.length / lines.length).toBeGreaterThan(0.7);
  });
});
