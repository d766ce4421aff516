// One process per data directory: a lock of the kernel, which goes with the process however it ends.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Database as Sqlite } from "bun:sqlite";
import { ConfigError } from "../config.ts";

/**
 * Takes the directory, made if need be (mode 0700). SQLite's exclusive transaction on a file is a kernel lock.
 * @throws ConfigError when another process has it, or when the directory cannot be written.
 */
export function lockDirectory(path: string): Disposable {
  let file: Sqlite | undefined;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    file = new Sqlite(join(path, "lock.sqlite"), { create: true });
    file.run("PRAGMA busy_timeout = 0");
    // Without a journal file nothing is written: the lock can be had on a full disk, too.
    file.run("PRAGMA journal_mode = memory");
    file.run("BEGIN EXCLUSIVE");
  } catch (error) {
    file?.close();
    throw new ConfigError(describe(path, error), { cause: error });
  }
  const held = file;
  return { [Symbol.dispose]: () => held.close() };
}

function describe(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/locked|busy/i.test(message)) {
    return `Another server is running on ${path}; stop it, or give this one its own DATA_DIR`;
  }
  return `DATA_DIR ${path} cannot be used (${message}); give a directory that this user may write`;
}
