// `npm run check`: the fast checks, with no database and no browser: format, lint, types, unit tests.
import { unitTests } from "./files.mjs";
import { main } from "./project.mjs";
import { setUp } from "./setup.mjs";
import { runStaticChecks } from "./static-checks.mjs";
import { runTests } from "./test-run.mjs";

await main(async () => {
  await setUp();
  const checks = await runStaticChecks();
  const tests = await runTests({ name: "unit tests", files: unitTests() });
  return checks.failed + tests.failed > 0 ? 1 : 0;
});
