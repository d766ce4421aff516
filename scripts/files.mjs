// Lists files, and knows by their names which tests they hold.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.mjs";

/** A file, or a folder and everything below it; a folder's own time moves when an entry is added or removed. */
export function pathsUnder(path) {
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path).filter((name) => name !== "node_modules" && name !== "dist");
  return [path, ...entries.flatMap((name) => pathsUnder(join(path, name)))];
}

const testsIn = (folders, pattern) =>
  folders
    .map((folder) => join(root, folder))
    .filter((path) => statSync(path, { throwIfNoEntry: false }))
    .flatMap(pathsUnder)
    .filter((path) => pattern.test(path))
    .map((path) => `./${path.slice(root.length + 1).replaceAll("\\", "/")}`)
    .toSorted();

const sources = ["protocol", "server", "sdk", "web", "corpus", "scripts", "bench", "chaos"];

/** Tests beside their source that need nothing but Bun; `name.pg.test.ts` and its like need more. */
export const unitTests = () => testsIn(sources, /[\\/][^.\\/]+\.test\.ts$/);

/** Everything except the browser's journeys. */
export const allTests = () => testsIn([...sources, "tests"], /\.test\.ts$/);

export const browserTests = () => testsIn(["tests/e2e"], /\.e2e\.ts$/);
