import { describe, expect, test } from "bun:test";

const source = await Bun.file(new URL("tokens.css", import.meta.url)).text();

type Colour = readonly [lightness: number, chroma: number, hue: number];

/** The numbers of an accent: those of the root, and of the block that chooses it. */
function accentOf(name: string): Record<string, string> {
  const block = name === "default" ? "" : (source.split(`[data-accent="${name}"]`)[1]?.split("}")[0] ?? "");
  const numbers = [...`${source} ${block}`.matchAll(/(--accent-(?:hue|chroma)): ([\d.]+);/g)];
  // Of the root first, and of this block last.
  const [hue, chroma] = ["--accent-hue", "--accent-chroma"].map((key) => {
    const values = numbers.filter(([, own]) => own === key).map(([, , value]) => value ?? "");
    return (block === "" ? values[0] : values.at(-1)) ?? "";
  });
  return { "--accent-hue": hue ?? "", "--accent-chroma": chroma ?? "" };
}

function readTokens(accent: string, theme: 0 | 1): Map<string, Colour> {
  const numbers = accentOf(accent);
  const filled = source.replaceAll(/var\((--accent-\w+)\)/g, (_, name: string) => numbers[name] ?? "");
  const tokens = new Map<string, Colour>();
  for (const [, name = "", value = ""] of filled.matchAll(/--([\w-]+):\s*((?:light-dark|oklch)\([^;]*);/g)) {
    const colours = [...value.matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)];
    const [, ...parts] = colours[colours.length > 1 ? theme : 0] ?? [];
    if (parts.length === 3) tokens.set(name, parts.map(Number) as unknown as Colour);
  }
  return tokens;
}

/** Relative luminance (WCAG) of an OKLCH colour, by the matrices of CSS Color 4. */
function luminance([lightness, chroma, hue]: Colour): number {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b) ** 3;
  const m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b) ** 3;
  const s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b) ** 3;
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  const red = clamp(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s);
  const green = clamp(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s);
  const blue = clamp(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Colour, other: Colour): number {
  const [dim = 0, bright = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

const grounds = [
  "surface",
  "surface-sunken",
  "surface-hover",
  "float-hover",
  "surface-selected",
  "surface-float",
  "other",
];
const hues = [0, 1, 2, 3, 4, 5, 6, 7];
/** Text → the surfaces that it stands on. */
const pairs: Record<string, string[]> = {
  text: grounds,
  "text-quiet": grounds,
  "text-faint": grounds,
  "accent-text": [...grounds, "own"],
  "own-text": ["own"],
  "own-quiet": ["own"],
  "on-accent": ["accent", "accent-hover"],
  "on-unread": ["unread", "unread-muted"],
  "on-danger": ["danger", "danger-hover"],
  "on-hue": hues.map((hue) => `hue-${hue}`),
  danger: [...grounds, "danger-surface", "own"],
  warning: grounds,
  success: grounds,
  ...Object.fromEntries(hues.map((hue) => [`name-${hue}`, ["surface", "other", "surface-sunken"]])),
};

const accents = ["default", "blue", "violet", "rose", "amber", "green"];

describe.each([
  ["light", 0],
  ["dark", 1],
] as const)("in the %s theme", (_, theme) => {
  describe.each(accents)("with the accent %s", (accent) => {
    const tokens = readTokens(accent, theme);
    const colour = (name: string): Colour => {
      const found = tokens.get(name);
      if (!found) throw new Error(`No token --${name}`);
      return found;
    };

    test("text meets AA (4.5) on every surface that it stands on", () => {
      const weak = Object.entries(pairs).flatMap(([text, surfaces]) =>
        surfaces
          .map((surface) => ({
            pair: `${text} on ${surface}`,
            ratio: contrast(colour(text), colour(surface)),
          }))
          .filter(({ ratio }) => ratio < 4.5),
      );
      expect(weak).toEqual([]);
    });

    test("the edges of controls, marks and the focus ring meet AA (3)", () => {
      for (const name of ["line-strong", "accent", "unread", "focus"]) {
        for (const surface of ["surface", "surface-sunken", "surface-float"]) {
          expect(contrast(colour(name), colour(surface))).toBeGreaterThan(3);
        }
      }
    });
  });
});
