// How well a name fits what was typed, and in which order chats and people are offered for it.

/** Letters without their accents and their case. */
export const fold = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * 0: does not fit. Best is the whole name, then its beginning, the beginnings of its words, a part of it, and letters
 * of it in their order. Each word of the query must fit.
 */
export function matchScore(query: string, name: string): number {
  const wanted = fold(query).trim();
  const text = fold(name);
  if (wanted === "") return 0;
  if (text === wanted) return 100;
  if (text.startsWith(wanted)) return 90;
  const scores = wanted.split(/\s+/).map((part) => matchWord(part, text));
  return Math.min(...scores);
}

function matchWord(part: string, text: string): number {
  if (text.startsWith(part)) return 85;
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  if (words.some((word) => word.startsWith(part))) return 75;
  if (
    part.length > 1 &&
    words
      .map((word) => word.charAt(0))
      .join("")
      .includes(part)
  )
    return 65;
  if (text.includes(part)) return 50;
  return part.length > 1 ? matchLetters(part, text) : 0;
}

/** Letters in their order, the first at the beginning of a word; the closer they are together the better. */
function matchLetters(part: string, text: string): number {
  let best = 0;
  for (
    let start = text.indexOf(part.charAt(0));
    start >= 0;
    start = text.indexOf(part.charAt(0), start + 1)
  ) {
    if (start > 0 && /[\p{L}\p{N}]/u.test(text.charAt(start - 1))) continue;
    let at = start;
    for (const letter of part.slice(1)) {
      at = text.indexOf(letter, at + 1);
      if (at < 0) break;
    }
    if (at >= 0) best = Math.max(best, 40 - Math.min(30, at - start + 1 - part.length));
  }
  return best;
}

export interface Candidate {
  readonly id: string;
  readonly name: string;
  /** What it is also found by, such as an address. */
  readonly alias?: string;
  readonly isUnread?: boolean;
  readonly isMuted?: boolean;
}

/**
 * The candidates that fit, the best first; all of them when nothing is typed.
 * @param candidates the most recent first, which decides between equals
 */
export function rank<Item extends Candidate>(
  candidates: readonly Item[],
  query: string,
  most: number,
): readonly Item[] {
  const isAsked = query.trim() !== "";
  const scored = candidates.map((item, place) => {
    const fits = isAsked
      ? Math.max(matchScore(query, item.name), item.alias ? matchScore(query, item.alias) * 0.9 : 0)
      : 1;
    // What is unread is worth a step of fitting, and what was used last is a little nearer.
    const lift = item.isUnread ? (item.isMuted ? 2 : 12) : 0;
    return { item, fits, score: fits + lift - Math.min(8, place / 10) };
  });
  return scored
    .filter(({ fits }) => fits > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ item }) => item);
}
