// Sets up, then runs one TypeScript file of the project with the project's Bun: `node scripts/run.mjs <file> [arguments]`.
import { loadEnvironment } from "./environment.mjs";
import { main } from "./project.mjs";
import { runBun } from "./run-command.mjs";
import { setUp } from "./setup.mjs";

await main(async () => {
  await setUp();
  loadEnvironment();
  return runBun(process.argv.slice(2));
});
