// `npm run chaos -- --minutes 10 --seed 7`: a long run, and what came of it. Ends with code 1 if anything is wrong.
import { parseArgs } from "node:util";
import { run } from "./run.ts";

const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
const minutes = Number(values.minutes ?? 5);
const seed = Number(values.seed ?? Date.now() % 100_000);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error(
    "Give a number of minutes and a whole number as seed: npm run chaos -- --minutes 10 --seed 7",
  );
  process.exit(2);
}

console.log(`seed ${seed}, ${minutes} minutes`);
const startedAt = performance.now();
const since = () => `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s`;
const outcome = await run({
  seed,
  seconds: minutes * 60,
  tell: (line) => console.log(`${since()}  ${line}`),
});

const total = (counts: Record<string, number>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
const list = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
console.log(`\n${total(outcome.operations)} operations: ${list(outcome.operations)}`);
console.log(`${total(outcome.faults)} faults: ${list(outcome.faults)}`);
console.log(`${outcome.messages} messages stored`);
for (const { check, what } of outcome.findings) console.log(`${check}: ${what}`);
console.log(
  outcome.findings.length === 0
    ? "Nothing lost, doubled, or out of order."
    : `${outcome.findings.length} findings`,
);
process.exit(outcome.findings.length === 0 ? 0 : 1);
