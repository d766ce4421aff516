// A PostgreSQL server of the tests' own: a fresh directory, a free port, this machine only.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface PostgresServer extends AsyncDisposable {
  /** Address of the server's own database `postgres`; the user is a superuser without password. */
  readonly url: string;
  /** Of its first process; undefined while it is down. */
  readonly pid: number | undefined;
  /** Address of a new, empty database. */
  createDatabase(): string;
  /** Ends all of it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Stops it as an operator would who cannot wait; clients are cut. */
  stopNow(): Promise<void>;
  /** Starts it again on the same directory and port. */
  start(): Promise<void>;
}

function findBinaries(): string {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).filter((name) => Number(name) >= 15) : [];
  const [newest] = versions.toSorted((a, b) => Number(b) - Number(a));
  if (newest !== undefined) return join(root, newest, "bin");
  const found = spawnSync("which", ["initdb"], { encoding: "utf8" }).stdout.trim();
  if (found !== "") return join(found, "..");
  throw new Error("PostgreSQL 15 or newer is not installed; npm test installs it on Debian");
}

/** PostgreSQL refuses to run as root; the user of its package is there for that. */
function asPostgres(command: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [command, [...args]];
  return ["setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", command, ...args]];
}

function run(command: string, args: readonly string[]): void {
  const result = spawnSync(...asPostgres(command, args), { encoding: "utf8", cwd: "/" });
  if (result.status !== 0) throw new Error(`${command} failed: ${result.stderr || result.stdout}`);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** @param directory an empty one to use, such as a small file system; a new temporary one otherwise */
export async function startPostgres(directory?: string): Promise<PostgresServer> {
  const binaries = findBinaries();
  const home = directory ?? mkdtempSync(join(tmpdir(), "windi-postgres-"));
  if (process.getuid?.() === 0) spawnSync("chown", ["postgres:postgres", home]);
  const data = join(home, "data");
  run(join(binaries, "initdb"), [
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--no-locale",
    "--no-sync",
  ]);
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let running: ChildProcess | undefined;
  let databases = 0;

  const psql = (statement: string) => run(join(binaries, "psql"), ["-qd", url, "-c", statement]);

  async function start(): Promise<void> {
    const settings = {
      port,
      unix_socket_directories: home,
      listen_addresses: "127.0.0.1",
      max_connections: 200,
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const child = spawn(...asPostgres(join(binaries, "postgres"), ["-D", data, ...options]), {
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe"],
    });
    running = child;
    let log = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on("data", (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-10_000);
        if (log.includes("database system is ready to accept connections")) resolve();
      });
      child.once("exit", () => reject(new Error(`PostgreSQL did not start: ${log}`)));
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

  await start();
  return {
    url,
    get pid() {
      return running?.pid;
    },
    createDatabase() {
      const name = `windi_${++databases}_${process.pid}`;
      psql(`create database ${name}`);
      return url.replace(/postgres$/, name);
    },
    kill: () => end("SIGKILL"),
    stopNow: () => end("SIGQUIT"),
    start,
    async [Symbol.asyncDispose]() {
      await end("SIGQUIT");
      if (directory === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}
