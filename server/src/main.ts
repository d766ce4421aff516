// The server's process: reads the configuration, starts, waits for a signal, drains.
import { fileURLToPath } from "node:url";
import packageJson from "../package.json" with { type: "json" };
import { startApp, type App } from "./app.ts";
import { ConfigError, readProcessConfig } from "./config.ts";
import { codeOf } from "./database/failures.ts";
import { createLog } from "./telemetry.ts";

/** What systemd takes for "the configuration is wrong; starting again will not help". */
const configurationExitCode = 78;
const drainDeadlineMs = 9500;
const webDirectory = fileURLToPath(new URL("../../web/dist", import.meta.url));

function fail(error: unknown): never {
  const remedy = toRemedy(error);
  console.error(remedy ?? error);
  process.exit(remedy === undefined ? 1 : configurationExitCode);
}

function toRemedy(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.message;
  const code = codeOf(error);
  if (code === "EADDRINUSE") return "The port is in use by another program; stop it, or set SERVER_PORT";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return "This machine does not have the address to listen on; check SERVER_HOST";
  if (code === "EACCES") return "This user may not listen on that port; set SERVER_PORT to 1024 or more";
  return undefined;
}

async function main(): Promise<void> {
  const config = readProcessConfig();
  const log = createLog(config.logLevel);
  const app: App = startApp({ config, log, version: packageJson.version, webDirectory });

  let isEnding = false;
  const end = (signal: string) => {
    if (isEnding) return;
    isEnding = true;
    log.info({ signal }, "draining");
    setTimeout(() => process.exit(1), drainDeadlineMs).unref();
    app.drain().then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  // A fault that nobody caught leaves an unknown state: say so, finish what can be, and let a supervisor start afresh.
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "uncaught");
    process.exit(1);
  });

  await app.ready;
  log.info({ url: app.url, database: config.database.kind, version: packageJson.version }, "listening");
  if (process.stdout.isTTY) console.log(`\nWinDI Messenger is at ${app.url}\n`);
}

await main().catch(fail);
