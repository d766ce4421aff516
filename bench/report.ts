// The report of a workload: one table of figures, the goals, and what casts doubt on either.
import { median, sorted, type Round } from "./rounds.ts";

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
}

const format = (value: number) =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));

function spread(values: readonly number[]): string {
  const ranked = sorted(values.filter(Number.isFinite));
  const [least, greatest] = [ranked[0], ranked.at(-1)];
  if (least === undefined || greatest === undefined) return "";
  return least === greatest
    ? format(least)
    : `${format(median(ranked))} (${format(least)}–${format(greatest)})`;
}

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

export function toMarkdown({ title, conditions, rounds, goals }: Result): string {
  const variants = [...(rounds[0]?.keys() ?? [])];
  const samplesOf = (variant: string) => rounds.flatMap((round) => round.get(variant) ?? []);
  const metrics = [
    ...new Set(rounds.flatMap((round) => [...round.values()].flatMap((s) => Object.keys(s.metrics)))),
  ];
  const figures = variants.map((variant) =>
    row([
      variant,
      ...metrics.map((name) => spread(samplesOf(variant).map((s) => s.metrics[name] ?? Number.NaN))),
    ]),
  );
  const verdicts = goals.map((goal) => {
    const values = rounds.map(goal.value);
    return row([goal.name, goal.limit, spread(values), goal.isMet(median(values)) ? "met" : "missed"]);
  });
  const notes = variants.flatMap((variant) => {
    const samples = samplesOf(variant);
    return [
      ...samples.flatMap((sample, round) =>
        sample.faults.map((fault) => `- FAULT, ${variant}, round ${round + 1}: ${fault}`),
      ),
      ...samples.flatMap((sample, round) =>
        sample.marks.map((mark) => `- not to be trusted: ${variant}, round ${round + 1}: ${mark}`),
      ),
    ];
  });
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
      : ["", row(["goal", "limit", "here", ""]), row(["---", "---", "---:", "---"]), ...verdicts]),
    ...(notes.length === 0 ? [] : ["", ...notes]),
    "",
  ].join("\n");
}

export const hasFault = ({ rounds }: Result) =>
  rounds.some((round) => [...round.values()].some((sample) => sample.faults.length > 0));
