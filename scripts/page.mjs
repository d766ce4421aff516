// Builds the page into web/dist when one of its sources is newer than the last build.
import { existsSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathsUnder } from "./files.mjs";
import { exclusively } from "./lock.mjs";
import { bun, Problem, root } from "./project.mjs";
import { collect } from "./run-command.mjs";

const ofWeb = ["src", "worker", "public", "index.html", "manifest.webmanifest", "build.ts"];
const sources = [...ofWeb.map((name) => `web/${name}`), "sdk/src", "protocol/src", "package-lock.json"];
const sourcePaths = sources.map((path) => join(root, path));
const stampPath = join(root, "web", "dist", ".built");

export async function buildPage() {
  if (isFresh()) return;
  await exclusively(async () => {
    if (isFresh()) return;
    console.error("Building the page …");
    const startedAt = new Date();
    const { code, output } = await collect(bun, ["--no-orphans", "web/build.ts"]);
    if (code !== 0) throw new Problem(`${output.trimEnd()}\n\nThe page could not be built (web/build.ts).`);
    // A source that changes during the build must count as newer than it.
    writeFileSync(stampPath, "");
    utimesSync(stampPath, startedAt, startedAt);
  });
}

function isFresh() {
  if (!existsSync(stampPath)) return false;
  const builtAt = statSync(stampPath).mtimeMs;
  return sourcePaths.flatMap(pathsUnder).every((path) => statSync(path).mtimeMs <= builtAt);
}
