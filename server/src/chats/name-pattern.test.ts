import { expect, test } from "bun:test";
import { toNamePattern } from "./name-pattern.ts";

test("both cases of a letter are spelled out, one character each", () => {
  expect(toNamePattern("bÉ")?.whole).toBe("^[bB][Éé]");
  expect(toNamePattern("анна")?.whole).toBe("^[аА][нН][нН][аА]");
  // Upper case of this one is two letters.
  expect(toNamePattern("ß7")?.whole).toBe("^ß7");
});

test("what has a meaning in a regular expression has none", () => {
  expect(toNamePattern(String.raw`.*+?()[]{}|^$\-%_`)?.whole).toBe(
    `^${[...String.raw`.*+?()[]{}|^$\-%_`].map((one) => `\\${one}`).join("")}`,
  );
});

test("there is a pattern for each word, and eight at most", () => {
  expect(toNamePattern("  a\tb  ")?.words).toHaveLength(2);
  expect(toNamePattern("a ".repeat(100))?.words).toHaveLength(8);
  expect(toNamePattern("  \n ")).toBeUndefined();
});

test("letters that are put together are one letter", () => {
  expect(toNamePattern("E\u0301")?.whole).toBe("^[Éé]");
});
