// Completing a name after "@" while somebody writes, and whom a text names when it is sent.
import type { UserInfo } from "@windi/sdk";
import { findNames } from "./message-text.ts";

export interface MentionQuery {
  /** Where the "@" is. */
  readonly from: number;
  readonly to: number;
  readonly query: string;
}

/** What is being written after an "@" before the caret; undefined when no name is. */
export function findQuery(text: string, caret: number): MentionQuery | undefined {
  const found = /(?:^|[^\p{L}\p{N}@])@([\p{L}\p{N}'’.-]*(?: [\p{L}\p{N}'’.-]+)?)$/u.exec(
    text.slice(0, caret),
  );
  const query = found?.[1];
  if (query === undefined || query.length > 64) return undefined;
  return { from: caret - query.length - 1, to: caret, query };
}

const mostFound = 8;
const fold = (name: string): string =>
  name.normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("ё", "е").toLocaleLowerCase();

/** Those whose name, or a word of it, begins so: first by the beginning of the name, then as they were given. */
export function rankPeople(query: string, people: readonly UserInfo[]): UserInfo[] {
  const wanted = fold(query);
  const rankOf = (name: string): number => {
    const folded = fold(name);
    if (folded.startsWith(wanted)) return 0;
    return folded.split(/[\s-]+/).some((word) => word.startsWith(wanted)) ? 1 : 2;
  };
  return people
    .map((person) => ({ person, rank: rankOf(person.name) }))
    .filter(({ rank }) => rank < 2)
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, mostFound)
    .map(({ person }) => person);
}

export function complete(
  text: string,
  { from, to }: MentionQuery,
  name: string,
): { text: string; caret: number } {
  const rest = text.slice(to);
  const gap = /^\s/.test(rest) ? "" : " ";
  return { text: `${text.slice(0, from)}@${name}${gap}${rest}`, caret: from + name.length + 2 };
}

/** The contract's limit. */
const mostMentions = 50;

/** @param chosen ids that were chosen from the list: among people of one name, they are meant */
export function findMentions(
  text: string,
  people: readonly UserInfo[],
  chosen: ReadonlySet<string>,
): string[] {
  const chosenFirst = people.toSorted((a, b) => Number(chosen.has(b.id)) - Number(chosen.has(a.id)));
  return [...new Set(findNames(text, chosenFirst).map(({ id }) => id))].slice(0, mostMentions);
}
