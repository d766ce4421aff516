// Copies what the server needs to run, and nothing else, into a folder: `bun deploy/runtime.ts <folder>`.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dir);

const ownFiles = ["package.json", "bunfig.toml", "LICENSE", "deploy/health.ts", "web/dist", "corpus"].concat(
  ["protocol", "server"].flatMap((part) => [`${part}/package.json`, `${part}/src`]),
);

/** Packages of which only files are served: their own dependencies went into these files when they were published. */
const servedFiles: Record<string, string[]> = {
  redoc: ["bundles/redoc.standalone.js", "bundles/redoc.standalone.js.LICENSE.txt"],
  "swagger-ui-dist": ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt"],
};

const isNeeded = (path: string) => !/\.(test|contract)\.ts$|\.map$|\.d\.[cm]?ts$/.test(path);

function copy(path: string, target: string): void {
  cpSync(join(root, path), join(target, path), { recursive: true, filter: isNeeded });
}

function copyDependencies(part: string, target: string): void {
  // Packages are looked for in one place; a second version of one would be missed.
  if (existsSync(join(root, part, "node_modules"))) throw new Error(`${part} has packages of its own`);
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, part, "package.json"), "utf8")) as {
    dependencies?: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    if (!name.startsWith("@windi/")) copyPackage(name, target);
  }
}

function copyPackage(name: string, target: string): void {
  const path = join("node_modules", name);
  if (existsSync(join(target, path))) return;
  const served = servedFiles[name];
  if (served) {
    for (const file of ["package.json", "LICENSE", ...served]) copy(join(path, file), target);
  } else {
    copy(path, target);
    copyDependencies(path, target);
  }
}

function copyRuntime(target: string): void {
  for (const path of ownFiles) copy(path, target);
  for (const part of ["protocol", "server"]) copyDependencies(part, target);
  mkdirSync(join(target, "node_modules/@windi"));
  symlinkSync("../../protocol", join(target, "node_modules/@windi/protocol"));
  cpSync(process.execPath, join(target, "bun"));
}

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("Name the folder: bun deploy/runtime.ts <folder>");
copyRuntime(target);
