// Sets up, then runs one TypeScript file of the project with the project's Bun: `node scripts/run.mjs <file> [arguments]`.
import { loadEnvironment } from "./environment.mjs";
import { buildPage } from "./page.mjs";
import { main } from "./project.mjs";
import { runBun } from "./run-command.mjs";
import { setUp } from "./setup.mjs";

/** What starts servers, which serve the page. */
const startsServers = /^(bench|chaos)\//;

await main(async () => {
  await setUp();
  if (startsServers.test(process.argv[2] ?? "")) await buildPage();
  loadEnvironment();
  return runBun(process.argv.slice(2));
});
