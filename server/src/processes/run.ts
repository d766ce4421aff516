// What this process is: the only server, the supervisor of several, or one of those.
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import packageJson from "../../package.json" with { type: "json" };
import type { startApp } from "../app.ts";
import { childEnvironment, readProcessConfig, type Config } from "../config.ts";
import { createLog } from "../telemetry.ts";
import { spawnChild } from "./child.ts";
import { connectToParent, type EndRequest, type Parent } from "./parent.ts";
import { findFreePort } from "./port.ts";
import { serve } from "./serve.ts";
import type { Signals } from "./signals.ts";
import { createSupervisor } from "./supervisor.ts";

interface RunNeeds {
  signals: Signals;
  /** The command line's, without the program's own name. */
  args: readonly string[];
  /** Loads the server, which a supervisor does not need. */
  loadApp(): Promise<{ startApp: typeof startApp }>;
  /** Says something to whoever sits at the terminal. */
  announce(text: string): void;
}

/** By then whoever drains has given up by itself. */
const deadlineMs = 9900;
const webDirectory = fileURLToPath(new URL("../../../web/dist", import.meta.url));
const { version } = packageJson;

/** Resolves with the exit code when all is over. */
export async function run(needs: RunNeeds): Promise<number> {
  const config = readProcessConfig();
  const index = needs.args.find((argument) => argument.startsWith("--process="))?.split("=")[1];
  const log = createLog(config.logLevel).child(index === undefined ? {} : { process: Number(index) });
  // A fault that nobody caught leaves an unknown state: say so, and let whoever supervises start afresh.
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "uncaught");
    process.exit(1);
  });
  if (index === undefined && config.processes > 1) return runSupervisor(needs, config, log);
  await runServer(needs, config, log, index === undefined ? undefined : connectToParent());
  return 0;
}

async function runServer(needs: RunNeeds, config: Config, log: Logger, parent: Parent | undefined) {
  const signal = needs.signals.end.then((reason): EndRequest => ({ reason, othersListen: false }));
  const end = parent ? Promise.race([signal, parent.end]) : signal;
  void end.then(exitInTime);
  const { startApp } = await needs.loadApp();
  const app = startApp({ config, log, version, webDirectory, isPortShared: parent !== undefined });
  const onReady = () => {
    log.info({ url: app.url, database: config.database.kind, version }, "listening");
    if (parent) parent.tellReady(app.url);
    else greet(needs, app.url);
  };
  await serve({ app, log, end, onReady });
}

async function runSupervisor(needs: RunNeeds, config: Config, log: Logger): Promise<number> {
  const count = config.processes;
  const port = await findFreePort(config.host, config.port);
  const supervisor = createSupervisor({
    ...{ count, log, now: () => performance.now(), random: Math.random, after },
    spawn: (index) => spawnChild(index, childEnvironment(config, port, index)),
  });
  void needs.signals.end.then((signal) => {
    exitInTime();
    log.info({ signal }, "draining");
    supervisor.end();
  });
  needs.signals.onRestart(() => {
    log.info("renewing");
    void supervisor.restart();
  });
  void supervisor.start().then((url) => {
    log.info({ url, processes: count }, "all processes serve");
    greet(needs, url);
  });
  return supervisor.ended;
}

function greet({ announce }: RunNeeds, url: string | undefined): void {
  if (process.stdout.isTTY) announce(`\nWinDI Messenger is at ${url}\n`);
}

function exitInTime(): void {
  setTimeout(() => process.exit(1), deadlineMs).unref();
}

function after(delayMs: number, call: () => void): () => void {
  const timer = setTimeout(call, delayMs);
  return () => clearTimeout(timer);
}
