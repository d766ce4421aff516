// The first start makes the database's files. Until they are complete and on the disk, a marker says that they are none.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Runs `create`, which makes what is missing in the directory; what an interrupted first run left is thrown away. */
export async function createOnce<T>(path: string, create: () => Promise<T>): Promise<T> {
  const marker = `${path}.unfinished`;
  if (existsSync(marker)) rmSync(path, { recursive: true, force: true });
  const isFirst = !existsSync(join(path, "PG_VERSION"));
  if (isFirst) writeFileSync(marker, "");
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  const created = await create();
  if (!isFirst) return created;
  await syncAll(path);
  rmSync(marker);
  await syncFile(dirname(path));
  return created;
}

async function syncAll(path: string): Promise<void> {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  await Promise.all([path, ...entries.map((entry) => join(entry.parentPath, entry.name))].map(syncFile));
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}
