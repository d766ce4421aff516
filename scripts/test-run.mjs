// Runs test files with Bun's test runner, beside a PostgreSQL server where asked, and counts what it really ran.
import { bun } from "./project.mjs";
import { collect, colours } from "./run-command.mjs";

const timeoutMs = 30_000;

/**
 * Answers how many tests passed and failed. A runner that ran no test, skipped one, or ended badly without naming a
 * failed test counts as one failure.
 */
export async function runTests({ name, files, env = {}, withPostgres = false }) {
  console.log(`\n${name}: ${files.length} files`);
  if (files.length === 0) return { passed: 0, failed: 1 };
  const startedAt = performance.now();
  const runner = ["--no-orphans", withPostgres ? "tests/run.ts" : "test"];
  const args = [...runner, "--isolate", `--timeout=${timeoutMs}`, ...files];
  const { code, output } = await collect(bun, args, {
    env: { ...env, ...colours },
    onOutput: (text) => process.stdout.write(text),
  });
  const { passed, failed, notRun } = count(output);
  const problem =
    passed + failed === 0
      ? "no test ran"
      : notRun > 0
        ? `${notRun} tests were skipped`
        : code !== 0 && failed === 0 && `exit ${code}`;
  const isGood = code === 0 && failed === 0 && !problem;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${isGood ? "ok    " : "FAILED"} ${name} (${seconds} s)${problem ? `: ${problem}` : ""}`);
  return { passed, failed: failed + (problem ? 1 : 0) };
}

/** Reads Bun's closing lines, such as ` 12 pass` and ` 1 fail`; a test's own output may hold the like, so the last ones count. */
function count(output) {
  const lines = output.replaceAll(/\u001B\[[0-9;]*m/g, "").split(/\r?\n/);
  const start = lines.findLastIndex((line) => /^ \d+ pass$/.test(line));
  const closing = start < 0 ? [] : lines.slice(start);
  const number = (word) =>
    Number(closing.map((line) => new RegExp(`^ (\\d+) ${word}$`).exec(line)?.[1]).find(Boolean) ?? 0);
  return { passed: number("pass"), failed: number("fail"), notRun: number("skip") + number("todo") };
}
