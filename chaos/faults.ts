// What can go wrong, each with its own end: when a fault is over, everything runs again.
import type { Random } from "../tests/random.ts";
import type { TcpProxy } from "../tests/tcp-proxy.ts";
import type { World } from "./world.ts";

type Fault = (world: World, random: Random) => Promise<void>;

const nodeOf = ({ nodes }: World, random: Random) => nodes[random.below(nodes.length)]!;

/** For a moment up to so long, a tenth of a second at least. */
const someTime = (random: Random, mostMs: number) => Bun.sleep(100 + random.below(mostMs));

async function trouble(proxy: TcpProxy, mode: "hole" | "hang up" | "slow", random: Random, mostMs: number) {
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
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

/** How often each is chosen. */
export const faultWeights: Record<FaultName, number> = {
  ...{ killNode: 4, drainNode: 4, freezeNode: 2 },
  ...{ cutClients: 4, loseClients: 2, slowClients: 2 },
  ...{ cutBus: 3, loseBus: 2, slowBus: 2, killNats: 3 },
  ...{ killPostgres: 2, stopPostgres: 2 },
};
