import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MessageText } from "./messages.ts";
import { countCharacters, Id, text, Timestamp } from "./text.ts";

const character = fc
  .integer({ min: 1, max: 0x10ffff })
  .filter((codePoint) => codePoint < 0xd800 || codePoint > 0xdfff)
  .map((codePoint) => String.fromCodePoint(codePoint));

describe("countCharacters", () => {
  test("counts code points, whatever the string holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (value) => {
        expect(countCharacters(value)).toBe([...value].length);
      }),
    );
  });

  test("an emoji is one, a family of three is five", () => {
    expect(countCharacters("😀")).toBe(1);
    expect(countCharacters("👩‍👩‍👧")).toBe(5);
  });
});

describe("text", () => {
  const accepts = (value: unknown) => MessageText.safeParse(value).success;

  test("4096 emoji fit into a message, one more does not", () => {
    expect(accepts("😀".repeat(4096))).toBe(true);
    expect(accepts("😀".repeat(4097))).toBe(false);
    expect(accepts("a".repeat(4097))).toBe(false);
  });

  test("what is accepted is not changed", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 64, unit: character }), (value) => {
        expect(MessageText.parse(value)).toBe(value);
      }),
    );
  });

  test.each([
    ["an empty string", ""],
    ["U+0000", "a\0b"],
    ["a high surrogate that stands alone", "a\ud83d"],
    ["a low surrogate that stands alone", "\ude00a"],
    ["a number", 1],
    ["null", null],
    ["an object", { $ne: null }],
    ["an array", ["a"]],
  ])("refuses %s", (_, value) => {
    expect(accepts(value)).toBe(false);
  });

  test("one emoji does not make a password of two characters", () => {
    expect(text(2, 8).safeParse("😀").success).toBe(false);
    expect(text(2, 8).safeParse("😀a").success).toBe(true);
  });

  test("says what is wrong and how much is allowed", () => {
    const { error } = text(1, 3).safeParse("abcd");
    expect(error?.issues.map(({ message }) => message)).toEqual(["Must have at most 3 character(s)"]);
  });
});

describe("Id", () => {
  test("one id has one spelling", () => {
    expect(Id.parse("0197A1C0-5A00-7000-8000-00000000A11C")).toBe("0197a1c0-5a00-7000-8000-00000000a11c");
  });

  test.each([
    "",
    "1",
    "0197a1c05a0070008000000000000a11",
    "'; drop table users; --",
    "0197a1c0-5a00-7000-8000-00000000a11c\n",
  ])("refuses %p", (value) => {
    expect(Id.safeParse(value).success).toBe(false);
  });
});

test("a timestamp is UTC", () => {
  expect(Timestamp.safeParse(new Date(0).toISOString()).success).toBe(true);
  expect(Timestamp.safeParse("2026-01-31T09:00:00+03:00").success).toBe(false);
});
