// A round sign for a person or a group: initials on one of eight hues that follow from the id.
import { h } from "./dom.ts";
import { icon } from "./icons.ts";

const hues = 8;

export function hueOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % hues;
}

/** First characters, as people see characters, of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => {
    const [first] = new Intl.Segmenter().segment(word ?? "");
    return first?.segment ?? "";
  });
  return letters.join("").toLocaleUpperCase();
}

/** The initials are a drawing, not text: nobody searches, copies or hears them. */
export const avatar = (id: string, name: string, type: "personal" | "group" = "personal") =>
  h(
    "span",
    {
      class: `avatar hue-${hueOf(id)}`,
      "aria-hidden": "true",
      "data-initials": type === "personal" ? initials(name) : undefined,
    },
    type === "group" && icon("people"),
  );
