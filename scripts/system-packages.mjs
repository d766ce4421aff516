// What the tests need from the operating system: the servers PostgreSQL and NATS, and a Chromium. Debian's apt-get brings them.
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Problem } from "./project.mjs";
import { collect } from "./run-command.mjs";

const oldestPostgres = 15;

const needs = [
  {
    name: `PostgreSQL ${oldestPostgres} or newer with its server programs (initdb, postgres, psql)`,
    find: findPostgres,
    debian: "postgresql",
    elsewhere:
      "macOS: brew install postgresql@17; Fedora: dnf install postgresql-server; then put its folder on PATH",
  },
  {
    name: "nats-server",
    find: findNats,
    debian: "nats-server",
    elsewhere: "macOS: brew install nats-server; elsewhere: the program from nats.io on PATH",
  },
  {
    name: "Chromium",
    find: findChromium,
    debian: "chromium",
    elsewhere: "macOS: brew install --cask chromium; Fedora: dnf install chromium; or CHROMIUM=<program>",
  },
];

/** Installs what is missing where that is possible. Answers what the tests' environment must say about it. */
export async function provideSystemPackages() {
  const isMissing = (need) => need.find() === undefined;
  if (needs.some(isMissing)) await installOnDebian(needs.filter(isMissing));
  const missing = needs.filter(isMissing);
  if (missing.length === 0) return { CHROMIUM: findChromium() };
  const list = missing.map(
    ({ name, debian, elsewhere }) => `- ${name}\n  Debian: apt-get install ${debian}; ${elsewhere}`,
  );
  throw new Problem(
    `The tests need, and this machine lacks:\n${list.join("\n")}\n\`npm run check\` needs none of it.`,
  );
}

async function installOnDebian(missing) {
  const asRoot = await rootPrefix();
  if (!existsSync("/usr/bin/apt-get") || asRoot === undefined) return;
  const packages = missing.map(({ debian }) => debian);
  console.error(`Installing Debian packages: ${packages.join(" ")} …`);
  // Tests start servers of their own; a package that starts one too would only hold memory and a port.
  const quietCluster = "/etc/postgresql-common/createcluster.d/windi-tests.conf";
  const install = "apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120";
  const script = [
    "export DEBIAN_FRONTEND=noninteractive",
    "apt-get update -o DPkg::Lock::Timeout=120",
    `mkdir -p ${join(quietCluster, "..")}`,
    `trap 'rm -f ${quietCluster}' EXIT`,
    `echo 'create_main_cluster = false' > ${quietCluster}`,
    `${install} ${packages.join(" ")}`,
    ...(packages.includes("nats-server") ? ["systemctl disable --quiet --now nats-server || true"] : []),
  ].join("\n");
  const [command, ...args] = [...asRoot, "sh", "-ec", script];
  const { code, output } = await collect(command, args);
  if (code !== 0) console.error(`${output.trimEnd()}\n\napt-get could not install them (exit ${code}).`);
}

/** The words before a command that make it run as root: none for root itself; undefined where nobody may. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  try {
    return (await collect("sudo", ["-n", "true"])).code === 0 ? ["sudo", "-n"] : undefined;
  } catch {
    return undefined;
  }
}

function findPostgres() {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian)
    ? readdirSync(debian).filter((name) => Number(name) >= oldestPostgres)
    : [];
  const folders = [...versions.map((version) => join(debian, version, "bin")), ...pathFolders()];
  const isComplete = (folder) => ["initdb", "postgres"].every((program) => isProgram(join(folder, program)));
  return folders.find(isComplete);
}

function findNats() {
  // Debian puts it where only root's PATH leads.
  return ["/usr/sbin", ...pathFolders()].map((folder) => join(folder, "nats-server")).find(isProgram);
}

function findChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  const onPath = names.flatMap((name) => pathFolders().map((folder) => join(folder, name)));
  const apps = ["Chromium", "Google Chrome"].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  );
  return process.env.CHROMIUM ?? [...onPath, ...apps].find(isProgram);
}

const pathFolders = () => (process.env.PATH ?? "").split(delimiter).filter(Boolean);

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
