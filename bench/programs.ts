// Programs under measurement: the server, and the floors beside it, each a fresh process on a core of its own.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../tests/postgres.ts";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const serverCore = "0";
export const generatorCore = "1";
export const everyCore = "0,1";
export const secret = "benchmarks sign their own tokens: 0123456789";

/** Keeps this process, all of its threads and what it starts from now on, to these cores. */
export function keepTo(cores: string): void {
  spawnSync("taskset", ["-apc", cores, String(process.pid)]);
}

/** A directory and how to be rid of it. */
export function temporaryDirectory(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "windi-bench-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** The whole standard output, when the program has ended by itself. */
  readonly output: Promise<string>;
}

export function startProgram(file: string, environment: Record<string, string>): Program {
  const args = ["-c", serverCore, process.execPath, join(root, file)];
  const child = spawn("taskset", args, {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return {
    pid: pidOf(child),
    output: ended.then((code) => {
      if (code === 0) return text;
      throw new Error(`${file} ended with ${code}: ${text}`);
    }),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("taskset is not installed");
  return child.pid;
}

export interface ServerProgram extends Program {
  readonly url: string;
  /** Milliseconds from the start of the process until it was ready. */
  readonly readyAfterMs: number;
}

/** Starts the messenger with this database and waits until it is ready. */
export async function startServer(environment: Record<string, string>): Promise<ServerProgram> {
  const port = environment["SERVER_PORT"] ?? String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const program = startProgram("server/src/main.ts", {
    SERVER_HOST: "127.0.0.1",
    SERVER_PORT: port,
    RATE_LIMITS: "off",
    HANDSHAKES_PER_SECOND: "off",
    LOG_LEVEL: "error",
    JWT_SECRET_KEY: secret,
    ...environment,
  });
  program.output.catch(() => {});
  await untilAnswered(`${url}/readyz`);
  return Object.assign(program, { url, readyAfterMs: performance.now() - startedAt });
}

/** Asks every few milliseconds until the answer is good. */
export async function untilAnswered(url: string, patienceMs = 60_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const isGood = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isGood) return;
    if (performance.now() > deadline) throw new Error(`${url} does not answer`);
    await Bun.sleep(5);
  }
}
