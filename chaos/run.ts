// A run: people write on several devices while things go wrong; then everything is well again, and what is there is checked.
import { createSentences } from "../corpus/corpus.ts";
import { createPerson } from "../tests/harness.ts";
import { createRandom } from "../tests/random.ts";
import { check, type Finding } from "./check.ts";
import { createDevice, type Account } from "./device.ts";
import { faults, longWeights, shortWeights } from "./faults.ts";
import { startIdler } from "./idler.ts";
import { createOperations, operationWeights } from "./operations.ts";
import { findDeadConnections, settle } from "./settle.ts";
import { startWorld, type World } from "./world.ts";

export interface RunOptions {
  seed: number;
  seconds: number;
  tell?(line: string): void;
}

export interface Outcome {
  findings: readonly (Finding | { check: "odd" | "stuck"; what: string })[];
  /** How often each thing was done, and each thing went wrong. */
  operations: Record<string, number>;
  faults: Record<string, number>;
  messages: number;
  /** How often somebody who never reads was cut. */
  cuts: number;
}

/** Runs of so many seconds have faults that take half a minute to be noticed. */
const longSeconds = 60;
const pauseMs = 25;
const leastSends = 150;

export async function run({ seed, seconds, tell = () => {} }: RunOptions): Promise<Outcome> {
  const random = createRandom(seed);
  const sentences = createSentences(seed);
  const counts = { operations: {} as Record<string, number>, faults: {} as Record<string, number> };
  const count = (kind: keyof typeof counts, name: string) =>
    (counts[kind][name] = (counts[kind][name] ?? 0) + 1);
  const isLong = seconds >= longSeconds;
  await using world = await startWorld();
  const urlOf = (n: number) => world.nodes[n % 2]?.url ?? "";
  const { accounts, chatIds } = await populate(world);
  const devices = accounts.flatMap((account, n) =>
    [0, 1].map((m) => createDevice(`${account.name} ${m}`, account, urlOf(n + m))),
  );
  const { perform } = createOperations({ world, random, sentences, accounts, devices });
  let visits = 0;
  const idler = startIdler(() => urlOf(visits++), accounts[0]?.token ?? "");

  let isOver = false;
  async function trouble(): Promise<void> {
    while (!isOver) {
      const name = random.weighted(isLong ? longWeights : shortWeights);
      count("faults", name);
      tell(name);
      await faults[name](world, random);
      await Bun.sleep(500 + random.below(2500));
    }
  }

  const troubles = trouble();
  const endsAt = performance.now() + seconds * 1000;
  const sent = () => devices.reduce((sum, device) => sum + device.sends.length, 0);
  // On a machine that has other things to do it takes longer until there is something to check.
  while (performance.now() < endsAt || sent() < leastSends) {
    const name = random.weighted(operationWeights);
    count("operations", name);
    // What is refused, or lost on its way, is seen in the end.
    void perform(name).catch(() => count("operations", "refused or lost"));
    await Bun.sleep(random.below(2 * pauseMs));
  }
  isOver = true;
  await troubles;
  await idler.stop();

  const { logs, views, stuck } = await settle(world, devices, accounts);
  if (isLong) stuck.push(...(await findDeadConnections(world, devices.length)));
  const isThere = ({ chatId }: { chatId: string }) => logs.has(chatId);
  const findings = [
    ...check({
      // What was written in a group that was deleted went with it.
      sends: devices.flatMap((device) => device.sends.filter(isThere)),
      changes: devices.flatMap((device) => device.changes.filter(isThere)),
      logs,
      views: views.filter(isThere),
    }),
    ...chatIds
      .filter((chatId) => !logs.has(chatId))
      .map((chatId) => ({ check: "lost" as const, what: `the chat ${chatId}` })),
    ...devices.flatMap((device) => device.oddities.map((what) => ({ check: "odd" as const, what }))),
    ...stuck.map((what) => ({ check: "stuck" as const, what })),
  ];
  for (const device of devices) device.close();
  const messages = [...logs.values()].reduce((sum, log) => sum + log.length, 0);
  return { findings, ...counts, messages, cuts: idler.cuts };
}

async function populate({ nodes }: World) {
  const people = [];
  for (const name of ["Ann", "Ben", "Cleo", "Dan", "Eve"])
    people.push(await createPerson(nodes[0].url, name));
  const residents = people.slice(0, 4);
  const ids = residents.map(({ user }) => user.id);
  const chatIds: string[] = [];
  for (const [n, creator] of residents.entries()) {
    // A group of all, one of three, one of two, and one of whoever is left.
    const body = { title: `Group ${n}`, member_ids: ids.slice(n) };
    chatIds.push((await creator.call<{ id: string }>("POST", "/groups", body)).body.id);
  }
  const accounts: Account[] = people.map(({ user, token }) => ({
    name: user.name,
    userId: user.id,
    token,
    isVisitor: user.name === "Eve",
  }));
  return { accounts, chatIds };
}
