// `npm run chaos -- --minutes 10 --seed 7`: a long run, and what came of it; with `--storm 2000` a storm of so many clients
// after it. Ends with code 1 if anything is wrong.
import { parseArgs } from "node:util";
import { startPostgres } from "../tests/postgres.ts";
import { runStorm } from "../tests/reliability/storm.ts";
import { canFailFsync } from "./faults.ts";
import { run } from "./run.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string" }, seed: { type: "string" }, storm: { type: "string" } },
});
const minutes = Number(values.minutes ?? 5);
const seed = Number(values.seed ?? Date.now() % 100_000);
const storm = Number(values.storm ?? 0);
if (!(minutes > 0) || !Number.isInteger(seed) || !Number.isInteger(storm)) {
  console.error(
    "Give a number of minutes, and whole numbers: npm run chaos -- --minutes 10 --seed 7 --storm 2000",
  );
  process.exit(2);
}

console.log(`seed ${seed}, ${minutes} minutes`);
if (!canFailFsync) console.log("strace is not installed: PostgreSQL's fsync will not fail");
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
console.log(`${outcome.messages} messages stored; who never reads was cut ${outcome.cuts} times`);
for (const { check, what } of outcome.findings) console.log(`${check}: ${what}`);
console.log(
  outcome.findings.length === 0
    ? "Nothing lost, doubled, or out of order."
    : `${outcome.findings.length} findings`,
);
let isCalm = true;
if (storm > 0) {
  console.log(`\n${storm} clients are cut off at once, three times`);
  await using postgres = await startPostgres();
  const { seconds, statementsPerReconnect, databaseConnections, sent, refused, behind } = await runStorm({
    ...{ sockets: storm, rounds: 3, databaseUrl: postgres.createDatabase() },
  });
  const round = (numbers: readonly number[]) => numbers.map((number) => number.toFixed(2)).join(", ");
  console.log(`all back after ${round(seconds)} s, with ${round(statementsPerReconnect)} statements each`);
  console.log(`${databaseConnections} connections to the database; ${sent} messages sent meanwhile`);
  console.log(`${refused.length} were refused; ${behind} clients miss something`);
  isCalm = refused.length === 0 && behind === 0 && Math.max(...seconds) < 30;
}
process.exit(outcome.findings.length === 0 && isCalm ? 0 : 1);
