// A server as a process of its own: it can be killed, and another can be started on the same data.
import { join } from "node:path";
import { root, testEnvironment, type ServerOptions } from "./harness.ts";
import { freePort } from "./postgres.ts";

interface LogLine {
  level: string;
  msg?: string;
  url?: string;
  /** Which one of several wrote it. */
  process?: number;
}

export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Resolves with the address when it serves; rejects when it ends before. */
  readonly listening: Promise<string>;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | number | null }>;
  readonly isRunning: boolean;
  /** What it wrote so far. */
  readonly log: LogLine[];
  readonly errors: string;
  kill(signal?: NodeJS.Signals): void;
}

/** The environment of a server process: a port that stays the same over its lives, and a log to see them by. */
export async function processEnvironment(options: ServerOptions = {}): Promise<Record<string, string>> {
  const environment = { SERVER_PORT: String(await freePort()), LOG_LEVEL: "info", ...options.environment };
  return testEnvironment({ ...options, environment });
}

/** Starts the program at `path`, the server if none is named, in this environment and no other. */
export function startProcess(
  environment: Record<string, string>,
  path = "server/src/main.ts",
  ...args: string[]
): ServerProcess {
  const child = Bun.spawn([process.execPath, "--no-orphans", join(root, path), ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log: LogLine[] = [];
  let errors = "";
  const listening = Promise.withResolvers<string>();
  // Not every test waits for it.
  listening.promise.catch(() => {});

  async function readLog(): Promise<void> {
    for await (const line of linesOf(child.stdout)) {
      const entry = line.startsWith("{") ? (JSON.parse(line) as LogLine) : { level: "plain", msg: line };
      log.push(entry);
      if (entry.msg === "listening" && entry.url !== undefined) listening.resolve(entry.url);
    }
  }
  async function readErrors(): Promise<void> {
    for await (const line of linesOf(child.stderr)) errors += `${line}\n`;
  }
  async function end() {
    const code = await child.exited;
    await Promise.all([reading, readingErrors]);
    listening.reject(new Error(`The server ended with ${child.signalCode ?? code}: ${errors}`));
    return { code: child.exitCode, signal: child.signalCode };
  }
  const reading = readLog();
  const readingErrors = readErrors();
  const exited = end();

  return {
    pid: child.pid,
    listening: listening.promise,
    exited,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    log,
    get errors() {
      return errors;
    },
    kill: (signal = "SIGKILL") => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
