import { expect, test } from "bun:test";
import { toSvg } from "./chart.ts";

const bar = { label: 'a < b & "c"', value: 12.345, least: 10, greatest: 20, isOurs: true };

test("a chart names each bar and its figure", () => {
  const svg = toSvg({ title: "CPU", bars: [bar, { ...bar, label: "floor", value: 1234.5, greatest: 1300 }] });
  expect(svg).toContain(">a &lt; b &amp; &quot;c&quot;</text>");
  expect(svg).toContain(">12.3</text>");
  expect(svg).toContain(">1,235</text>");
});

test("a chart of nothing but zeros has bars that can be seen", () => {
  const svg = toSvg({ title: "CPU", bars: [{ ...bar, value: 0, least: 0, greatest: 0 }] });
  expect(svg).toContain('width="1" height="20"');
  expect(svg).not.toContain("NaN");
});
