// A chart of one figure: a bar per variant with the spread of its rounds, as an SVG that is readable on light and on dark.

export interface Bar {
  label: string;
  value: number;
  least: number;
  greatest: number;
  /** What is measured, in distinction from what it is compared with. */
  isOurs: boolean;
}

export interface Chart {
  title: string;
  bars: readonly Bar[];
}

const width = 760;
const barHeight = 20;
const rowHeight = 34;
const top = 48;
const characterWidth = 7;
const valueWidth = 80;

const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const round = (value: number) => Number(value.toFixed(1));

export const formatFigure = (value: number) =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));

export function toSvg({ title, bars }: Chart): string {
  const height = top + bars.length * rowHeight + 8;
  const greatest = Math.max(...bars.map((bar) => bar.greatest), Number.MIN_VALUE);
  const labelWidth = 30 + characterWidth * Math.max(...bars.map((bar) => bar.label.length), 0);
  const scale = (value: number) => round((Math.max(0, value) / greatest) * (width - labelWidth - valueWidth));
  const rows = bars.flatMap(({ label, value, least, greatest: most, isOurs }, place) => {
    const y = top + place * rowHeight;
    const middle = y + barHeight / 2;
    const [from, to] = [labelWidth + scale(least), labelWidth + scale(most)];
    return [
      `<text class="label" x="${labelWidth - 10}" y="${middle + 4}" text-anchor="end">${escape(label)}</text>`,
      `<rect class="${isOurs ? "ours" : "other"}" x="${labelWidth}" y="${y}" width="${Math.max(1, scale(value))}" height="${barHeight}" rx="2"/>`,
      ...(to - from < 2
        ? []
        : [
            `<path class="spread" d="M${from} ${middle}H${to}M${from} ${middle - 4}v8M${to} ${middle - 4}v8"/>`,
          ]),
      `<text class="value" x="${Math.max(to, labelWidth + scale(value)) + 8}" y="${middle + 4}">${formatFigure(value)}</text>`,
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.ours { fill: #0b7285 }
.other { fill: #adb5bd }
.spread { stroke: #495057; fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.ours { fill: #22b8cf }
.other { fill: #6c757d }
.spread { stroke: #ced4da }
}
</style>
<text class="title" x="16" y="26">${escape(title)}</text>
${rows.join("\n")}
</svg>
`;
}
