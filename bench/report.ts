// The report of a workload: one table of figures, the goals, and what casts doubt on either.
import { formatFigure, toSvg, type Bar } from "./chart.ts";
import { generatorMark } from "./cpu.ts";
import { median, sorted, type Round, type Sample } from "./rounds.ts";

export interface Goal {
  name: string;
  /** The limit in words: "≥ 0.5". */
  limit: string;
  /** Of one round. */
  value(round: Round): number;
  isMet(value: number): boolean;
}

export interface Result {
  title: string;
  conditions: readonly string[];
  rounds: readonly Round[];
  goals: readonly Goal[];
  /** The figure to draw. */
  chart?: { metric: string; title: string };
}

interface Spread {
  value: number;
  least: number;
  greatest: number;
}

function spreadOf(values: readonly number[]): Spread | undefined {
  const ranked = sorted(values.filter(Number.isFinite));
  const [least, greatest] = [ranked[0], ranked.at(-1)];
  if (least === undefined || greatest === undefined) return undefined;
  return { value: median(ranked), least, greatest };
}

function formatSpread(spread: Spread | undefined): string {
  if (!spread) return "";
  const { value, least, greatest } = spread;
  return least === greatest
    ? formatFigure(least)
    : `${formatFigure(value)} (${formatFigure(least)}–${formatFigure(greatest)})`;
}

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const samplesOf = (rounds: readonly Round[], variant: string) =>
  rounds.flatMap((round) => round.get(variant) ?? []);
const figuresOf = (samples: readonly Sample[], name: string) =>
  spreadOf(samples.map((sample) => sample.metrics[name] ?? Number.NaN));

/** Where the generator was what limited the load, nothing is said about the server. */
const isValid = (round: Round) =>
  ![...round.values()].some(({ marks }) => marks.some((mark) => mark.startsWith(generatorMark)));

function verdict({ name, limit, value, isMet }: Goal, rounds: readonly Round[]): string {
  const spread = spreadOf(rounds.filter(isValid).map(value));
  if (spread) return row([name, limit, formatSpread(spread), isMet(spread.value) ? "met" : "missed"]);
  return row([name, limit, formatSpread(spreadOf(rounds.map(value))), "invalid"]);
}

/** Marks that differ in their figure only become one line. */
function summarise(samples: readonly Sample[]): string[] {
  const marks = samples.flatMap((sample) =>
    sample.marks.map((mark) => ({ sample, form: mark.replace(/\d+/, "#"), figure: /\d+/.exec(mark)?.[0] })),
  );
  return [...Map.groupBy(marks, (mark) => mark.form)].map(([form, alike]) => {
    const figures = spreadOf(alike.map((mark) => Number(mark.figure)));
    const isRange = figures && figures.least !== figures.greatest;
    const range = isRange ? `${figures.least}–${figures.greatest}` : String(figures?.least ?? "");
    const count = new Set(alike.map((mark) => mark.sample)).size;
    return `- not to be trusted, ${count} of ${samples.length} measurements: ${form.replace("#", range)}`;
  });
}

export function toMarkdown({ title, conditions, rounds, goals }: Result): string {
  const variants = [...(rounds[0]?.keys() ?? [])];
  const all = rounds.flatMap((round) => [...round.values()]);
  const metrics = [...new Set(all.flatMap((sample) => Object.keys(sample.metrics)))];
  const figures = variants.map((variant) =>
    row([variant, ...metrics.map((name) => formatSpread(figuresOf(samplesOf(rounds, variant), name)))]),
  );
  const faults = variants.flatMap((variant) =>
    samplesOf(rounds, variant).flatMap((sample, round) =>
      sample.faults.map((fault) => `- FAULT, ${variant}, round ${round + 1}: ${fault}`),
    ),
  );
  const notes = [...faults, ...summarise(all)];
  return [
    `## ${title}`,
    "",
    ...conditions.map((condition) => `- ${condition}`),
    "",
    row(["", ...metrics]),
    row(["---", ...metrics.map(() => "---:")]),
    ...figures,
    ...(goals.length === 0
      ? []
      : [
          "",
          row(["goal", "limit", "here", ""]),
          row(["---", "---", "---:", "---"]),
          ...goals.map((goal) => verdict(goal, rounds)),
        ]),
    ...(notes.length === 0 ? [] : ["", ...notes]),
    "",
  ].join("\n");
}

/** Undefined for a result without a figure to draw. */
export function toChart({ title, rounds, chart }: Result): string | undefined {
  if (!chart) return undefined;
  const labels = [...(rounds[0]?.keys() ?? [])];
  const isNamed = (label: string) => label.startsWith("WinDI");
  const bars = labels.flatMap((label): Bar[] => {
    const spread = figuresOf(samplesOf(rounds, label), chart.metric);
    return spread ? [{ label, ...spread, isOurs: isNamed(label) || !labels.some(isNamed) }] : [];
  });
  return toSvg({ title: `${title}: ${chart.title}`, bars });
}

export const hasFault = ({ rounds }: Result) =>
  rounds.some((round) => [...round.values()].some((sample) => sample.faults.length > 0));
