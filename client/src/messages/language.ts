// The language of the page: which one, its sentences, its plurals, its dates.
import { createDates, type Dates } from "./dates.ts";
import type { Catalogue, PluralForms, PluralKey, SentenceKey } from "./catalogue.ts";
import { en } from "./en.ts";
import { ru } from "./ru.ts";

export const catalogues = { en, ru } as const satisfies Record<string, Catalogue>;
export type LanguageCode = keyof typeof catalogues;

/** What each language calls itself. */
export const languageNames: Record<LanguageCode, string> = { en: "English", ru: "Русский" };

type Values = Record<string, string | number>;

export interface Language {
  readonly code: LanguageCode;
  readonly dates: Dates;
  /** A sentence, its `{places}` filled. */
  say: (key: SentenceKey, values?: Values) => string;
  /** A sentence in the form that fits the count, which also fills `{count}`. */
  count: (key: PluralKey, count: number) => string;
  list: (items: readonly string[]) => string;
}

export const isLanguageCode = (code: string): code is LanguageCode => Object.hasOwn(catalogues, code);

/** The first language of the person that we speak; English if none. */
export function chooseLanguage(preferred: readonly string[]): LanguageCode {
  for (const tag of preferred) {
    const code = tag.toLowerCase().split("-")[0] ?? "";
    if (isLanguageCode(code)) return code;
  }
  return "en";
}

/** @param preferred The person's languages: British English keeps British dates. */
export function createLanguage(code: LanguageCode, preferred: readonly string[]): Language {
  const catalogue: Catalogue = catalogues[code];
  const locale = preferred.find((tag) => tag.toLowerCase().split("-")[0] === code) ?? code;
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const lists = new Intl.ListFormat(locale);
  return {
    code,
    dates: createDates(locale),
    say: (key, values = {}) => fill(catalogue[key], values),
    count(key, count) {
      const forms: PluralForms = catalogue[key];
      return fill(forms[plurals.select(count)] ?? forms.other, { count: numbers.format(count) });
    },
    list: (items) => lists.format(items),
  };
}

/** Isolates what is filled in, so that a right-to-left name does not turn the sentence around. */
const fill = (sentence: string, values: Values): string =>
  sentence.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === "number" || /^[\p{ASCII}\p{Script=Cyrillic}]*$/u.test(value)
      ? String(value)
      : `\u2068${value}\u2069`;
  });
