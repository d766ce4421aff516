// Makes sure that node_modules holds what package-lock.json names, the project's Bun included.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { exclusively } from "./lock.mjs";
import { bun, Problem, root } from "./project.mjs";
import { collect } from "./run-command.mjs";

const stampPath = join(root, "node_modules", ".windi-stamp");
const readText = (...path) => readFileSync(join(root, ...path), "utf8");

export async function setUp() {
  const node = process.versions.node;
  if (Number.parseInt(node, 10) < 20)
    throw new Problem(`WinDI Messenger needs Node.js 20 or newer; this is ${node}.`);
  if (isReady()) return;
  await exclusively(async (shareLock) => {
    if (isReady()) return;
    if (!npmInstalledThis()) await installPackages(shareLock);
    await installBun();
    writeFileSync(stampPath, stamp());
  });
}

const isReady = () => existsSync(stampPath) && readFileSync(stampPath, "utf8") === stamp() && existsSync(bun);

/** An installation fits one lockfile on one kind of machine. */
function stamp() {
  const hash = createHash("sha256").update(readText("package-lock.json")).digest("hex");
  return `${hash} ${process.platform}-${process.arch}\n`;
}

/** Compares npm's own record, which it writes last, with the lockfile: who ran npm by hand waits for no second installation. */
function npmInstalledThis() {
  if (!existsSync(join(root, "node_modules", ".package-lock.json"))) return false;
  const wanted = JSON.parse(readText("package-lock.json")).packages;
  const present = JSON.parse(readText("node_modules", ".package-lock.json")).packages;
  const fits = ([path, { version, integrity, optional, peer }]) =>
    path === "" ||
    (present[path] === undefined
      ? optional || peer
      : present[path].version === version && present[path].integrity === integrity);
  return Object.keys(present).every((path) => path in wanted) && Object.entries(wanted).every(fits);
}

const npmCi = [
  "ci",
  "--ignore-scripts",
  "--include=dev",
  "--prefer-offline",
  "--fetch-retry-maxtimeout=15000",
  "--loglevel=error",
  "--no-audit",
  "--no-fund",
];

async function installPackages(shareLock) {
  console.error("Installing the packages of package-lock.json into node_modules …");
  const ownNpm = process.env.npm_execpath ?? "";
  const { code, output } =
    basename(ownNpm) === "npm-cli.js"
      ? await collect(process.execPath, [ownNpm, ...npmCi], { onStart: shareLock })
      : await collect("npm", npmCi, { onStart: shareLock, shell: process.platform === "win32" });
  if (code === 0) return;
  const isOffline =
    /EAI_AGAIN|ENOTFOUND|ENETUNREACH|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|network/i.test(
      output,
    );
  const remedy = isOffline
    ? "npm cannot reach its registry. Only the first start needs it: connect to the internet, or set a mirror with\n" +
      "`npm config set registry <address>` (and `npm config set proxy <address>` behind a proxy), then run the command again."
    : "npm could not install the packages; its own words are above. Run the command again when the cause is gone.";
  throw new Problem(`${output.trimEnd()}\n\n${remedy}`);
}

/** Install scripts are off; the `bun` package is the only one that needs its own. */
async function installBun() {
  const { version } = JSON.parse(readText("package-lock.json")).packages["node_modules/bun"];
  if (await isBun(version)) return;
  const { output } = await collect(process.execPath, [join(root, "node_modules", "bun", "install.js")]);
  if (await isBun(version)) return;
  throw new Problem(
    `${output.trimEnd()}\n\nBun ${version} does not run on this machine (${process.platform}-${process.arch}).\n` +
      "Delete node_modules and run the command again; it runs on Linux and macOS, on x64 and arm64 (on Windows: in WSL).",
  );
}

async function isBun(version) {
  try {
    return (await collect(bun, ["--version"])).output.trim() === version;
  } catch {
    return false;
  }
}
