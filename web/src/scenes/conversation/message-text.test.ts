import { describe, expect, test } from "bun:test";
import { findNames, isLong, splitText } from "./message-text.ts";

const names = new Map([
  ["a", "Anna"],
  ["as", "Anna Smith"],
]);

describe("a text", () => {
  test("is in pieces that give it again", () => {
    const text = "@Anna, see https://example.com/@Anna and ask @Anna Smith.";
    const pieces = splitText(text, names);
    expect(pieces.map((piece) => piece.text).join("")).toBe(text);
    expect(pieces.filter(({ mention }) => mention).map(({ text, mention }) => [text, mention])).toEqual([
      ["@Anna", "a"],
      ["@Anna Smith", "as"],
    ]);
    expect(pieces.find(({ href }) => href)?.href).toBe("https://example.com/@Anna");
  });

  test("names nobody within a word or by a part of a name", () => {
    expect(splitText("anna@Anna.example @Annabel", names)).toEqual([{ text: "anna@Anna.example @Annabel" }]);
  });

  test("names people in every alphabet", () => {
    expect(findNames("Привет, @Аня!", [{ id: "я", name: "Аня" }])).toEqual([{ id: "я", from: 8, to: 12 }]);
    expect(findNames("@Анякин", [{ id: "я", name: "Аня" }])).toEqual([]);
  });
});

test("a text is long by the lines that it fills, and folds only when that hides some", () => {
  expect(isLong("word ".repeat(10), 60)).toBe(false);
  expect(isLong("x".repeat(60 * 14), 60)).toBe(false);
  expect(isLong("x".repeat(60 * 14 + 1), 60)).toBe(true);
  expect(isLong("\n".repeat(14), 60)).toBe(true);
});
