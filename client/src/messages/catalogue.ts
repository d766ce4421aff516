// What a language has to say: the keys of English, each a sentence or a sentence per plural form.
import type { en } from "./en.ts";

/** A sentence for each plural form that the language has; `other` always. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

export type Catalogue = {
  [Key in keyof typeof en]: (typeof en)[Key] extends string ? string : PluralForms;
};

type Keys<Value> = {
  [Key in keyof Catalogue]: Catalogue[Key] extends Value ? Key : never;
}[keyof Catalogue];
/** Keys of plain sentences. */
export type SentenceKey = Keys<string>;
/** Keys of sentences that count something. */
export type PluralKey = Keys<PluralForms>;
