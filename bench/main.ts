// `npm run bench -- [NAME …] [--seconds N] [--rounds N] [--patience N] [--save]`: runs some workloads, or all in short form.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "./conditions.ts";
import { everyCore, generatorCore, keepTo, root } from "./programs.ts";
import { hasFault, toChart, toMarkdown } from "./report.ts";
import type { Sample } from "./rounds.ts";
import { workloads } from "./workloads.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string" },
    rounds: { type: "string" },
    /** Seconds to wait for a quiet machine before each measurement. */
    patience: { type: "string", default: "0" },
    /** Keeps the reports and charts in bench/results. */
    save: { type: "boolean", default: false },
  },
});

const isShort = positionals.length === 0;
const names = isShort ? Object.keys(workloads) : positionals;
const unknown = names.filter((name) => !workloads[name]);
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}; there are ${Object.keys(workloads).join(", ")}`);
  process.exit(2);
}
const seconds = Number(values.seconds ?? (isShort ? 3 : 5));
const patienceMs = Number(values.patience) * 1000;
const rounds = Number(values.rounds ?? (isShort ? 1 : 3));

function onSample(round: number, variant: string, { metrics, faults, marks }: Sample): void {
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  console.error([`${round}. ${variant}:`, figures.join(", "), ...faults, ...marks].join("  "));
}

async function run(name: string): Promise<void> {
  const machine = describeMachine();
  const reports: string[] = [];
  for await (const result of workloads[name]?.({ seconds, rounds, patienceMs, onSample }) ?? []) {
    if (hasFault(result)) process.exitCode = 1;
    const report = toMarkdown(result);
    console.log(report);
    const chart = values.save ? toChart(result) : undefined;
    if (chart === undefined) {
      reports.push(report);
      continue;
    }
    const file = `${name}-${reports.length + 1}.svg`;
    await Bun.write(join(root, "bench/results", file), chart);
    reports.push(`${report}\n![${result.title}](${file})\n`);
  }
  if (!values.save) return;
  const command = `npm run bench -- ${name} --seconds ${seconds} --rounds ${rounds}`;
  const heading = [
    `# ${name}\n\n\`${command}\`, ${new Date().toISOString().slice(0, 10)}\n`,
    ...machine.map((line) => `- ${line}`),
  ].join("\n");
  await Bun.write(join(root, "bench/results", `${name}.md`), `${heading}\n\n${reports.join("\n")}`);
}

keepTo(generatorCore);
for (const name of names) {
  const startedAt = performance.now();
  await run(name);
  console.error(`${name}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
}
keepTo(everyCore);
