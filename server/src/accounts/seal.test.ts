import { expect, test } from "bun:test";
import { createSeal } from "./seal.ts";

const secret = "q7F2m0XyK9bVtR4sLw8ZcN1pJ6hD3gUa";
const seal = createSeal(secret, "one purpose");

test("what was closed opens, and holds what was put in, whatever that is", () => {
  for (const text of ["", "a", "a.b.c", "ä €", "a".repeat(1000)])
    expect(seal.open(seal.close(text))).toBe(text);
});

test("nothing else opens: not one character of it may be another, missing, or more", () => {
  const sealed = seal.close("s1.7");
  for (let i = 0; i < sealed.length; i++) {
    expect(
      seal.open(sealed.slice(0, i) + (sealed[i] === "A" ? "B" : "A") + sealed.slice(i + 1)),
    ).toBeUndefined();
    expect(seal.open(sealed.slice(0, i) + sealed.slice(i + 1))).toBeUndefined();
  }
  for (const other of [
    "",
    ".",
    "s1.7",
    "s1.7.",
    `${sealed}=`,
    ` ${sealed}`,
    `${sealed}\n`,
    "ä.ö",
    "a".repeat(1e6),
  ])
    expect(seal.open(other)).toBeUndefined();
});

test("what another key or another purpose has closed does not open", () => {
  expect(seal.open(createSeal(secret, "another purpose").close("s1.7"))).toBeUndefined();
  expect(seal.open(createSeal(`${secret}x`, "one purpose").close("s1.7"))).toBeUndefined();
});
