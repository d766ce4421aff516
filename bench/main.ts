// `npm run bench -- [NAME] [--seconds N] [--rounds N] [--patience N] [--save]`: runs one workload, or all of them in short form.
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { everyCore, generatorCore, keepTo, root } from "./programs.ts";
import { hasFault, toMarkdown } from "./report.ts";
import type { Sample } from "./rounds.ts";
import { workloads } from "./workloads.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string" },
    rounds: { type: "string" },
    /** Seconds to wait for a quiet machine before each measurement. */
    patience: { type: "string", default: "0" },
    /** Keeps the report in bench/results. */
    save: { type: "boolean", default: false },
  },
});

const [chosen] = positionals;
const names = chosen === undefined ? Object.keys(workloads) : [chosen];
const seconds = Number(values.seconds ?? (chosen === undefined ? 2 : 5));
const patienceMs = Number(values.patience) * 1000;
const rounds = Number(values.rounds ?? (chosen === undefined ? 1 : 3));

function onSample(round: number, variant: string, { metrics, faults, marks }: Sample): void {
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  console.error([`${round}. ${variant}:`, figures.join(", "), ...faults, ...marks].join("  "));
}

const [processor] = cpus();
const machine = `${cpus().length} × ${processor?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Bun ${Bun.version}`;
keepTo(generatorCore);
for (const name of names) {
  const workload = workloads[name];
  if (!workload) {
    console.error(`Unknown: ${name}; there are ${Object.keys(workloads).join(", ")}`);
    process.exit(2);
  }
  const reports: string[] = [];
  for await (const result of workload({ seconds, rounds, patienceMs, onSample })) {
    if (hasFault(result)) process.exitCode = 1;
    reports.push(toMarkdown(result));
    console.log(reports.at(-1));
  }
  if (!values.save) continue;
  const heading = `# ${name}\n\n\`npm run bench -- ${name} --seconds ${seconds} --rounds ${rounds}\` on ${new Date().toISOString().slice(0, 10)}, ${machine}\n`;
  await Bun.write(join(root, "bench/results", `${name}.md`), [heading, ...reports].join("\n"));
}
keepTo(everyCore);
