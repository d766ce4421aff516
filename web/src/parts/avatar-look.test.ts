import { expect, test } from "bun:test";
import { hueOf, initials } from "./avatar-look.ts";

test("initials are the first characters of the first and the last word", () => {
  expect(initials("  Anna Maria Lindqvist ")).toBe("AL");
  expect(initials("борис")).toBe("Б");
});

test("a character that is made of several code points stays whole", () => {
  expect(initials("👩‍🚀 Ada")).toBe("👩‍🚀A");
  expect(initials("e\u0301va")).toBe("E\u0301");
});

test("a hue is one of eight and stays the same for an id", () => {
  const ids = Array.from({ length: 64 }, (_, index) => `0190a5f2-7c3e-7a41-9d15-${index}`);
  expect(new Set(ids.map(hueOf)).size).toBe(8);
  expect(ids.map(hueOf)).toEqual(ids.map(hueOf));
});
