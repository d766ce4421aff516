import { expect, test } from "bun:test";
import fc from "fast-check";
import { splitLinks } from "./links.ts";

const links = (text: string) => splitLinks(text).flatMap((piece) => piece.href ?? []);

test("an address of the web becomes a link, without the punctuation after it", () => {
  expect(links("See https://example.com/a?b=1#c, and (http://example.org/x).")).toEqual([
    "https://example.com/a?b=1#c",
    "http://example.org/x",
  ]);
});

test("brackets that belong to an address stay", () => {
  expect(links("https://example.com/a_(b)")).toEqual(["https://example.com/a_(b)"]);
});

test("nothing else becomes a link", () => {
  expect(
    links("javascript:alert(1) data:text/html,x http:// https://[ ftp://example.com www.example.com"),
  ).toEqual([]);
});

test("the pieces joined are the text", () => {
  const word = fc.oneof(fc.string(), fc.constantFrom("https://example.com/", "http://a.b", ").", " "));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const text = words.join("");
      expect(
        splitLinks(text)
          .map((piece) => piece.text)
          .join(""),
      ).toBe(text);
    }),
  );
});
