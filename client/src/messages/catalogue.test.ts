import { describe, expect, test } from "bun:test";
import { catalogues } from "./language.ts";

const places = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();
const forms = (entry: string | object): string[] =>
  typeof entry === "string" ? [entry] : Object.values(entry);

describe.each(Object.entries(catalogues))("the catalogue %s", (code, catalogue) => {
  test("has the keys of English, in the same order", () => {
    expect(Object.keys(catalogue)).toEqual(Object.keys(catalogues.en));
  });

  test("says something for every key", () => {
    for (const entry of Object.values(catalogue)) {
      for (const sentence of forms(entry)) expect(sentence.trim()).toBe(sentence);
      for (const sentence of forms(entry)) expect(sentence).not.toBe("");
    }
  });

  test("has the same places to fill as English", () => {
    for (const [key, entry] of Object.entries(catalogue)) {
      const english = forms(catalogues.en[key as keyof typeof catalogues.en])[0] ?? "";
      for (const sentence of forms(entry)) expect([key, places(sentence)]).toEqual([key, places(english)]);
    }
  });

  test("has each plural form of its language", () => {
    const categories = new Intl.PluralRules(code).resolvedOptions().pluralCategories.toSorted();
    for (const [key, entry] of Object.entries(catalogue)) {
      if (typeof entry !== "string") expect([key, Object.keys(entry).toSorted()]).toEqual([key, categories]);
    }
  });
});
