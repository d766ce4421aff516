// The conditions of a run: the machine, what it costs to sync a disk, and the versions of what takes part.
import { spawnSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { temporaryDirectory } from "./programs.ts";
import { quantile } from "./rounds.ts";

const syncs = 200;
const block = Buffer.alloc(8192, 1);

/** Median milliseconds of an fdatasync after 8 KiB, written over and over, where the databases are. */
export function measureSync(): number {
  using directory = temporaryDirectory();
  const file = openSync(join(directory.path, "sync"), "w");
  const times = Array.from({ length: syncs }, () => {
    writeSync(file, block, 0, block.length, 0);
    const startedAt = performance.now();
    fdatasyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  return quantile(times, 0.5);
}

const versionOf = (command: string, argument: string) =>
  /[\d.]{3,}/.exec(spawnSync(command, [argument], { encoding: "utf8" }).stdout)?.[0] ?? "none";

export function describeMachine(): string[] {
  const [processor] = cpus();
  const [minute = 0] = loadavg();
  return [
    `${cpus().length} × ${processor?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    `Bun ${Bun.version}, PostgreSQL ${versionOf("psql", "--version")}, NATS ${versionOf("nats-server", "--version")}`,
    `fdatasync of 8 KiB: ${measureSync().toPrecision(2)} ms; load average at the start: ${minute.toFixed(1)}`,
  ];
}
