// A small clone for tests of the scripts: the real scripts, with an npm and a Bun that only write down what they were asked.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const npm = `#!/bin/sh
echo "npm $*" >> asked.txt
if [ -n "$NPM_FAILS" ]; then echo "npm error $NPM_FAILS" >&2; exit 1; fi
mkdir -p node_modules/bun/bin
cp package-lock.json node_modules/.package-lock.json
cp bun-install.cjs node_modules/bun/install.js
`;

const bun = `#!/bin/sh
case "$*" in
  --version) echo 1.2.3; exit ;;
esac
echo "bun $*" >> asked.txt
case "$*" in
  *web/build.ts) mkdir -p web/dist && : > web/dist/.built ;;
  *main.ts) exec node server.mjs ;;
  *) printf '%b' "$BUN_SAYS"; exit "\${BUN_EXITS:-0}" ;;
esac
`;

const bunInstall = `const fs = require("node:fs");
fs.copyFileSync("bun.sh", "node_modules/bun/bin/bun.exe");
fs.chmodSync("node_modules/bun/bin/bun.exe", 0o755);
`;

/** Tells its greeting and how many signals it got before it went; 7 is its exit code. */
const server = `import { appendFileSync } from "node:fs";
if (!process.env.STAYS) process.exit((console.log("greeting:", process.env.GREETING), 7));
const signals = [];
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    if (signals.push(signal) === 1) setTimeout(() => process.exit((console.log(signals.join(" ")), 7)), 300);
  });
}
setInterval(() => {}, 1000);
console.log("started");
`;

const sources = [
  "src/main.ts",
  "worker/worker.ts",
  "public/icon.svg",
  "index.html",
  "manifest.webmanifest",
  "build.ts",
]
  .map((name) => `web/${name}`)
  .concat("sdk/src/index.ts", "protocol/src/index.ts");

export const lockfile = (...names: string[]) =>
  JSON.stringify({
    packages: { "": {}, "node_modules/bun": { version: "1.2.3" }, ...Object.fromEntries(names.map(entry)) },
  });

const entry = (name: string): [string, object] => [`node_modules/${name}`, {}];

export interface TrialClone extends Disposable {
  path(name: string): string;
  write(name: string, text: string): void;
  /** What npm and Bun were asked to do, one line each. */
  asked(): string[];
  spawn(
    script: string,
    options?: { args?: string[]; env?: Record<string, string> },
  ): Bun.Subprocess<"ignore", "pipe", "pipe">;
  run(
    script: string,
    options?: { args?: string[]; env?: Record<string, string> },
  ): Promise<{ code: number; out: string; err: string }>;
}

export function createTrialClone(): TrialClone {
  const root = mkdtempSync(join(tmpdir(), "windi clone-"));
  const path = (name: string) => join(root, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  cpSync(import.meta.dir, path("scripts"), { recursive: true, filter: (source) => !source.endsWith(".ts") });
  write("package-lock.json", lockfile());
  write("bin/npm", npm);
  write("bun.sh", bun);
  write("bun-install.cjs", bunInstall);
  write("server.mjs", server);
  for (const name of sources) write(name, "");
  chmodSync(path("bin/npm"), 0o755);
  // What the tests need from the system is there.
  for (const name of ["initdb", "postgres", "chromium"]) cpSync(path("bin/npm"), path(`bin/${name}`));

  const spawn: TrialClone["spawn"] = (script, { args = [], env = {} } = {}) =>
    Bun.spawn(["node", path(`scripts/${script}`), ...args], {
      cwd: tmpdir(),
      env: { PATH: `${path("bin")}:${process.env["PATH"] ?? ""}`, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });

  return {
    path,
    write,
    asked: () =>
      existsSync(path("asked.txt")) ? readFileSync(path("asked.txt"), "utf8").trim().split("\n") : [],
    spawn,
    async run(script, options) {
      const child = spawn(script, options);
      const [out, err, code] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ]);
      return { code, out, err };
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
