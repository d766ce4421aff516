// The text of a message in pieces: words, links, and people whom it names; and how long it is on the screen.
import { splitLinks, type TextPiece } from "../../state/links.ts";

export interface MessagePiece extends TextPiece {
  /** Id of the person who is named here. */
  mention?: string;
}

/** @param names id → name of those whom the message says that it names */
export function splitText(text: string, names: ReadonlyMap<string, string>): MessagePiece[] {
  return splitLinks(text).flatMap((piece) =>
    piece.href === undefined ? splitMentions(piece.text, names) : [piece],
  );
}

function splitMentions(text: string, names: ReadonlyMap<string, string>): MessagePiece[] {
  const marks = findNames(
    text,
    [...names].map(([id, name]) => ({ id, name })),
  );
  const pieces: MessagePiece[] = [];
  let end = 0;
  for (const { id, from, to } of marks) {
    if (from > end) pieces.push({ text: text.slice(end, from) });
    pieces.push({ text: text.slice(from, to), mention: id });
    end = to;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

interface Named {
  id: string;
  from: number;
  to: number;
}

/** Where `@Name` is in a text; of names that begin alike, the longest. */
export function findNames(
  text: string,
  people: readonly { readonly id: string; readonly name: string }[],
): Named[] {
  const byLength = people.toSorted((a, b) => b.name.length - a.name.length);
  const found: Named[] = [];
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    if (/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) continue;
    const person = byLength.find(
      ({ name }) =>
        name !== "" &&
        text.startsWith(name, at + 1) &&
        !/^[\p{L}\p{N}]/u.test(text.slice(at + 1 + name.length, at + 3 + name.length)),
    );
    if (person) found.push({ id: person.id, from: at, to: at + 1 + person.name.length });
  }
  return found;
}

/** Lines that are shown of a long message. */
const foldedLines = 12;
/** Nobody presses "more" for the sake of a line. */
const slack = 2;

/** Characters that fit in a line of a bubble, about, in a list of this width in pixels. */
export const countColumns = (width: number): number =>
  Math.max(20, Math.floor(Math.min(620, width - 72) / 7.6));

/** @param columns characters that fit in a line */
export function isLong(text: string, columns: number): boolean {
  let lines = 0;
  for (const line of text.split("\n")) lines += Math.max(1, Math.ceil(line.length / columns));
  return lines > foldedLines + slack;
}
