// A NATS server of the tests' own: a fresh directory, a free port, this machine only.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./postgres.ts";

export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Stops it in good order. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

interface NatsOptions {
  /** Lines of nats-server's configuration file. */
  settings?: string;
  /** Whether it waits for `start`. */
  isDown?: boolean;
}

function findProgram(): string {
  const debian = "/usr/sbin/nats-server";
  if (existsSync(debian)) return debian;
  const found = spawnSync("which", ["nats-server"], { encoding: "utf8" }).stdout.trim();
  if (found !== "") return found;
  throw new Error("nats-server is not installed; npm test installs it on Debian");
}

export async function startNats({ settings = "", isDown = false }: NatsOptions = {}): Promise<NatsServer> {
  const program = findProgram();
  const home = mkdtempSync(join(tmpdir(), "windi-nats-"));
  const port = await freePort();
  const configuration = join(home, "nats.conf");
  writeFileSync(configuration, `listen: "127.0.0.1:${port}"\n${settings}\n`);
  let running: ChildProcess | undefined;

  async function start(): Promise<void> {
    const child = spawn(program, ["-c", configuration], { cwd: home, stdio: ["ignore", "ignore", "pipe"] });
    running = child;
    let log = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr.on("data", (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-10_000);
        if (log.includes("Server is ready")) resolve();
      });
      child.once("exit", () => reject(new Error(`nats-server did not start: ${log}`)));
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = running;
    running = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  if (!isDown) await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    get pid() {
      return running?.pid;
    },
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    start,
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      rmSync(home, { recursive: true, force: true });
    },
  };
}
