// The program: hears signals from its first moment on, and ends with the exit code of what it runs.
import { hearSignals } from "./processes/signals.ts";

// The rest is loaded afterwards: a signal that comes before it is heard kills without a word.
const signals = hearSignals();
const { run } = await import("./processes/run.ts");
const { configurationExitCode, toRemedy } = await import("./processes/remedy.ts");

try {
  const args = process.argv.slice(2);
  process.exit(await run({ signals, args, loadApp: () => import("./app.ts"), announce: console.log }));
} catch (error) {
  const remedy = toRemedy(error);
  console.error(remedy ?? error);
  process.exit(remedy === undefined ? 1 : configurationExitCode);
}
