// What somebody typed to find a person, as regular expressions of PostgreSQL.
import { countCharacters } from "@windi/protocol";
import type { NamePattern } from "./people.store.ts";

/** Words of a query that count. */
const mostWords = 8;

/** Where a word of a name begins. */
const start = "(?:^|[[:space:][:punct:]«»„“”‘’–—])";

/**
 * Whatever the case: both are spelled out, since what a database takes for upper case depends on its locale.
 * Undefined if there is no word in the query.
 */
export function toNamePattern(query: string): NamePattern | undefined {
  const words = query.normalize("NFC").split(/\s+/).filter(Boolean).slice(0, mostWords);
  if (words.length === 0) return undefined;
  const spelled = words.map((word) => Array.from(word, spell).join(""));
  return { words: spelled.map((word) => start + word), whole: `^${spelled.join("[[:space:]]+")}` };
}

function spell(character: string): string {
  if (!/[\p{L}\p{M}\p{N}]/u.test(character))
    // What is not a letter of any script may have a meaning, which a backslash takes away.
    return /[ -~]/.test(character) ? `\\${character}` : character;
  const cases = new Set([character, character.toLowerCase(), character.toUpperCase()]);
  const single = [...cases].filter((one) => countCharacters(one) === 1);
  return single.length > 1 ? `[${single.join("")}]` : character;
}
