// Format, lint, types and components: the checks that run no code of ours. Each counts as one.
import { join } from "node:path";
import { root } from "./project.mjs";
import { collect, colours } from "./run-command.mjs";

/** With what the compiler found last time, the next time takes a third. */
const typesMemory = join(root, "node_modules", ".cache", "types.tsbuildinfo");

const checks = [
  { name: "format", script: "oxfmt/bin/oxfmt", args: ["--check"], remedy: "npm run format" },
  { name: "lint", script: "oxlint/bin/oxlint", args: ["--type-aware", "--deny-warnings"] },
  {
    name: "types",
    script: "typescript/bin/tsc",
    args: ["-p", ".", "--incremental", "--tsBuildInfoFile", typesMemory],
  },
  { name: "types of the worker", script: "typescript/bin/tsc", args: ["-p", "web/worker"] },
  {
    name: "components",
    script: "svelte-check/bin/svelte-check",
    args: [
      ...["--workspace", join(root, "web"), "--tsconfig", join(root, "web", "tsconfig.json")],
      ...["--output", "human", "--fail-on-warnings"],
    ],
  },
];

/** Runs all of them side by side; tells each one's time, and its output when it failed. Answers how many passed and failed. */
export async function runStaticChecks() {
  const passed = await Promise.all(checks.map(runCheck));
  return { passed: passed.filter(Boolean).length, failed: passed.filter((ok) => !ok).length };
}

async function runCheck({ name, script, args, remedy }) {
  const startedAt = performance.now();
  // Where CI is set, oxlint and oxfmt colour what they write, whatever else they are told.
  const env = { ...colours, CI: undefined };
  const { code, output } = await collect(process.execPath, [join(root, "node_modules", script), ...args], {
    env,
  });
  if (code !== 0) console.log(`\n${output.trim()}\n`);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)${code !== 0 && remedy ? `; try: ${remedy}` : ""}`,
  );
  return code === 0;
}
