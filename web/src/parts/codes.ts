// Reads the codes of people (their ids) out of what somebody typed or pasted.

const code = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Codes in lower case, each once, and the pieces that are none. */
export function readCodes(typed: string): { codes: string[]; wrong: string[] } {
  const pieces = typed
    .split(/[\s,;]+/)
    .map((piece) => piece.trim().toLowerCase())
    .filter((piece) => piece !== "");
  return {
    codes: [...new Set(pieces.filter((piece) => code.test(piece)))],
    wrong: pieces.filter((piece) => !code.test(piece)),
  };
}
