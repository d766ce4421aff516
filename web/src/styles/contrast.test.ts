import { describe, expect, test } from "bun:test";

const source = await Bun.file(new URL("tokens.css", import.meta.url)).text();
const [light = "", dark = ""] = source.split("@media (prefers-color-scheme: dark)");

type Colour = readonly [lightness: number, chroma: number, hue: number];

function readTokens(css: string): Map<string, Colour> {
  const tokens = new Map<string, Colour>();
  for (const [, name = "", values = ""] of css.matchAll(/--([\w-]+): oklch\(([\d.]+ [\d.]+ [\d.]+)\);/g)) {
    const [lightness = 0, chroma = 0, hue = 0] = values.split(" ").map(Number);
    tokens.set(name, [lightness, chroma, hue]);
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

/** Text → the surfaces that it stands on. */
const pairs: Record<string, string[]> = {
  text: ["surface", "surface-sunken", "surface-hover", "surface-selected", "other"],
  "text-quiet": ["surface", "surface-sunken", "surface-hover", "surface-selected", "other"],
  "accent-text": ["surface", "surface-sunken", "surface-hover", "surface-selected", "other", "own"],
  "own-text": ["own"],
  "own-quiet": ["own"],
  "on-accent": ["accent", "accent-hover"],
  "on-badge": ["badge"],
  danger: ["surface", "surface-sunken", "surface-hover", "surface-selected", "danger-surface", "own"],
};

describe.each([
  ["light", light],
  ["dark", dark],
])("in the %s theme", (_, css) => {
  const tokens = new Map([...readTokens(light), ...readTokens(css)]);
  const colour = (name: string): Colour => {
    const found = tokens.get(name);
    if (!found) throw new Error(`No token --${name}`);
    return found;
  };

  test("text meets AA (4.5) on every surface that it stands on", () => {
    const weak = Object.entries(pairs).flatMap(([text, surfaces]) =>
      surfaces
        .map((surface) => ({ pair: `${text} on ${surface}`, ratio: contrast(colour(text), colour(surface)) }))
        .filter(({ ratio }) => ratio < 4.5),
    );
    expect(weak).toEqual([]);
  });

  test("the edges of controls and the focus ring meet AA (3)", () => {
    for (const name of ["line-strong", "accent"]) {
      for (const surface of ["surface", "surface-sunken"]) {
        expect(contrast(colour(name), colour(surface))).toBeGreaterThan(3);
      }
    }
  });

  test("initials meet AA (4.5) on each of the eight hues", () => {
    const number = (name: string) => Number(new RegExp(`--avatar-${name}: ([\\d.]+)`).exec(css)?.[1]);
    for (const hue of [20, 60, 105, 150, 195, 240, 285, 330]) {
      const background = [number("lightness"), number("chroma"), hue] as const;
      expect(contrast(colour("on-avatar"), background)).toBeGreaterThan(4.5);
    }
  });
});
