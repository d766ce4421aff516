// What can go wrong, each with its own end: when a fault is over, everything runs again.
import { readdirSync, readFileSync } from "node:fs";
import type { Random } from "../tests/random.ts";
import type { TcpProxy } from "../tests/tcp-proxy.ts";
import type { World } from "./world.ts";

type Fault = (world: World, random: Random) => Promise<void>;

const nodeOf = ({ nodes }: World, random: Random) => random.one(nodes) ?? nodes[0];

/** For a moment up to so long, a tenth of a second at least. */
const someTime = (random: Random, mostMs: number) => Bun.sleep(100 + random.below(mostMs));

async function trouble(
  proxy: TcpProxy,
  mode: Parameters<TcpProxy["become"]>[0],
  random: Random,
  mostMs: number,
) {
  proxy.become(mode);
  await someTime(random, mostMs);
  proxy.become("pass");
}

async function restart(world: World, random: Random, signal: NodeJS.Signals): Promise<void> {
  const node = nodeOf(world, random);
  await node.end(signal);
  await someTime(random, 1000);
  await node.start();
}

/** All processes of a PostgreSQL. */
function processesOf(parent: number): number[] {
  return [parent].concat(
    readdirSync("/proc").flatMap((name) => {
      try {
        const isChild =
          readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === `${parent}`;
        return isChild ? [Number(name)] : [];
      } catch {
        return [];
      }
    }),
  );
}

export const canFailFsync = Bun.which("strace") !== null;

export const faults = {
  killNode: (world, random) => restart(world, random, "SIGKILL"),
  drainNode: (world, random) => restart(world, random, "SIGTERM"),
  async freezeNode(world, random) {
    const { process } = nodeOf(world, random);
    process.kill("SIGSTOP");
    await someTime(random, 4000);
    process.kill("SIGCONT");
  },
  cutClients: (world, random) => trouble(nodeOf(world, random).clients, "hang up", random, 500),
  loseClients: (world, random) => trouble(nodeOf(world, random).clients, "hole", random, 3000),
  slowClients: (world, random) => trouble(nodeOf(world, random).clients, "slow", random, 4000),
  cutBus: (world, random) => trouble(nodeOf(world, random).bus, "hang up", random, 2000),
  loseBus: (world, random) => trouble(nodeOf(world, random).bus, "hole", random, 3000),
  slowBus: (world, random) => trouble(nodeOf(world, random).bus, "slow", random, 4000),
  async killNats({ nats }, random) {
    await nats.kill();
    await someTime(random, 4000);
    await nats.start();
  },
  async killPostgres({ postgres }, random) {
    await postgres.kill();
    await someTime(random, 1000);
    await postgres.start();
  },
  async stopPostgres({ postgres }, random) {
    await postgres.stopNow();
    await someTime(random, 1000);
    await postgres.start();
  },
  /** The connections of now hear nothing any more, or are not heard; nobody is told. */
  deafenClients: (world, random) => trouble(nodeOf(world, random).clients, "deaf", random, 2000),
  muteClients: (world, random) => trouble(nodeOf(world, random).clients, "mute", random, 2000),
  /** The disk refuses to sync PostgreSQL's log once; PostgreSQL then ends all its work and recovers. */
  async failFsync({ postgres }, random) {
    if (postgres.pid === undefined) return;
    const attached = processesOf(postgres.pid).flatMap((pid) => ["-p", String(pid)]);
    const calls = "fsync,fdatasync";
    const strace = Bun.spawn(
      ["strace", "-f", "-qq", ...attached, "-e", `trace=${calls}`, "-e", `inject=${calls}:error=EIO:when=1`],
      { stdio: ["ignore", "ignore", "ignore"] },
    );
    await someTime(random, 1500);
    strace.kill();
    await strace.exited;
  },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

/** How often each is chosen in a run of seconds. */
export const shortWeights: Record<FaultName, number> = {
  ...{ killNode: 4, drainNode: 4, freezeNode: 2 },
  ...{ cutClients: 4, loseClients: 2, slowClients: 2 },
  ...{ cutBus: 3, loseBus: 2, slowBus: 2, killNats: 3 },
  ...{ killPostgres: 2, stopPostgres: 2 },
  // Half a minute passes until these are noticed, and fsync fails only where there is strace.
  ...{ deafenClients: 0, muteClients: 0, failFsync: 0 },
};

/** … and in one of minutes. */
export const longWeights: Record<FaultName, number> = {
  ...shortWeights,
  ...{ deafenClients: 2, muteClients: 2, failFsync: canFailFsync ? 2 : 0 },
};
