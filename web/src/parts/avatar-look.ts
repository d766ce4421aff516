// How a person or a group without a picture is shown: initials on one of eight hues that follow from the id.

const hues = 8;

export function hueOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % hues;
}

const segmenter = new Intl.Segmenter();

/** First characters, as people see characters, of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => {
    const [first] = segmenter.segment(word ?? "");
    return first?.segment ?? "";
  });
  return letters.join("").toLocaleUpperCase();
}
