import { expect, test } from "bun:test";
import { readCodes } from "./codes.ts";

const anna = "0190a5f2-7c3e-7a41-9d15-3f6c2b8e4a70";
const boris = "0190a5f2-7c3e-7a41-9d15-3f6c2b8e4a71";

test("codes may be parted by lines, commas or spaces", () => {
  expect(readCodes(` ${anna},\n${boris} `)).toEqual({ codes: [anna, boris], wrong: [] });
});

test("a code in capitals is the same code", () => {
  expect(readCodes(`${anna}\n${anna.toUpperCase()}`).codes).toEqual([anna]);
});

test("what is no code is named", () => {
  expect(readCodes(`${anna} hello`).wrong).toEqual(["hello"]);
  expect(readCodes("")).toEqual({ codes: [], wrong: [] });
});
