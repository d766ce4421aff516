// Finds addresses of the web in a message; only http and https become links.

export interface TextPiece {
  text: string;
  href?: string;
}

const address = /https?:\/\/[^\s<>"'`\u2068\u2069]+/gi;

/** The text in pieces that, joined, give the text again. */
export function splitLinks(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(address)) {
    const found = trimEnd(match[0]);
    if (!URL.canParse(found)) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: found, href: found });
    end = match.index + found.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** Punctuation after an address belongs to the sentence; a closing bracket only if it has no opening one. */
function trimEnd(found: string): string {
  let trimmed = found;
  for (;;) {
    const last = trimmed.at(-1) ?? "";
    const isOpen = last === ")" && trimmed.split("(").length >= trimmed.split(")").length;
    if (!/[.,:;!?)\]}…»”]/.test(last) || isOpen) return trimmed;
    trimmed = trimmed.slice(0, -1);
  }
}
