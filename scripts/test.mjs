// `npm test`: sets up, then runs every check and every test. `npm test -- chats e2e` runs the test files with such a path.
import { allTests, browserTests } from "./files.mjs";
import { buildPage } from "./page.mjs";
import { main, Problem, report } from "./project.mjs";
import { setUp } from "./setup.mjs";
import { runStaticChecks } from "./static-checks.mjs";
import { provideSystemPackages } from "./system-packages.mjs";
import { runTests } from "./test-run.mjs";

await main(async () => {
  const counts = [];
  try {
    await runEverything(process.argv.slice(2), counts);
  } catch (error) {
    report(error);
    counts.push({ passed: 0, failed: 1 });
  }
  const total = (key) => counts.reduce((sum, count) => sum + count[key], 0);
  console.log(`\n${total("passed")} passed, ${total("failed")} failed`);
  return total("failed") > 0 || total("passed") === 0 ? 1 : 0;
});

async function runEverything(filters, counts) {
  await setUp();
  const env = await provideSystemPackages();
  await buildPage();
  const isWanted = (path) => filters.length === 0 || filters.some((filter) => path.includes(filter));
  const runs = [
    { name: "tests", files: allTests().filter(isWanted) },
    { name: "browser tests", files: browserTests().filter(isWanted) },
  ];
  if (runs.every(({ files }) => files.length === 0))
    throw new Problem(`No test file matches: ${filters.join(" ")}`);
  if (filters.length === 0) counts.push(await runStaticChecks());
  for (const { name, files } of runs) {
    if (files.length > 0) counts.push(await runTests({ name, files, env, withPostgres: true }));
  }
}
