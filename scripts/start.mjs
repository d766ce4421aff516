// `npm start`: installs and builds what is missing, then becomes the server.
import { loadEnvironment } from "./environment.mjs";
import { buildPage } from "./page.mjs";
import { main } from "./project.mjs";
import { runBun } from "./run-command.mjs";
import { setUp } from "./setup.mjs";

await main(async () => {
  await setUp();
  await buildPage();
  loadEnvironment();
  return runBun(["server/src/main.ts", ...process.argv.slice(2)]);
});
