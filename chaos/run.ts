// A run: people write on several devices while things go wrong; then everything is well again, and what is there is checked.
import { createSentences } from "../corpus/corpus.ts";
import { createPerson } from "../tests/harness.ts";
import { createRandom } from "../tests/random.ts";
import { check, type Finding } from "./check.ts";
import { createDevice, type Account, type Device } from "./device.ts";
import { faults, faultWeights, type FaultName } from "./faults.ts";
import { toSeen, type Seen } from "./history.ts";
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
}

const weights = { send: 60, burst: 4, edit: 8, remove: 3, read: 15, typing: 6, restart: 2, move: 2 };
type Operation = keyof typeof weights;

const pauseMs = 25;
const patienceMs = 90_000;

export async function run({ seed, seconds, tell = () => {} }: RunOptions): Promise<Outcome> {
  const random = createRandom(seed);
  const sentences = createSentences(seed);
  const counts = { operations: {} as Record<string, number>, faults: {} as Record<string, number> };
  const count = (kind: keyof typeof counts, name: string) =>
    (counts[kind][name] = (counts[kind][name] ?? 0) + 1);
  await using world = await startWorld();
  const urlOf = (n: number) => world.nodes[n % world.nodes.length]!.url;
  const { accounts, chats } = await populate(world);
  const devices = accounts.flatMap((account, n) =>
    [0, 1].map((m) => createDevice(`${account.name} ${m}`, account, urlOf(n + m), chatsOf(chats, account))),
  );

  const own = (device: Device, chatId: string) =>
    device
      .log(chatId)
      .get()
      .messages.filter(
        (message) => message.sender.id === device.account.userId && message.deleted_at === null,
      );

  const operations: Record<Operation, (device: Device, chatId: string) => unknown> = {
    send: (device, chatId) => device.send(chatId, sentences.next()),
    burst(device, chatId) {
      for (let n = 0; n < 20; n++) device.send(chatId, sentences.next());
    },
    edit(device, chatId) {
      const message = random.one(own(device, chatId).slice(-5));
      return message && device.change(chatId, message, sentences.next());
    },
    remove(device, chatId) {
      const message = random.one(own(device, chatId).slice(-5));
      return message && device.change(chatId, message, undefined);
    },
    read(device, chatId) {
      const last = device.log(chatId).get().messages.at(-1);
      return last && device.client.chats.markRead(chatId, last);
    },
    typing: (device, chatId) => device.client.sendTyping(chatId),
    restart: (device) => device.restart(urlOf(random.below(2))),
    move: (device) => device.restart(urlOf(random.below(2))),
  };

  let isOver = false;
  async function trouble(): Promise<void> {
    while (!isOver) {
      const name: FaultName = random.weighted(faultWeights);
      count("faults", name);
      tell(name);
      await faults[name](world, random);
      await Bun.sleep(500 + random.below(2500));
    }
  }

  const troubles = trouble();
  const endsAt = performance.now() + seconds * 1000;
  while (performance.now() < endsAt) {
    const device = random.one(devices)!;
    const chatId = random.one(chatsOf(chats, device.account))!;
    const name = random.weighted(weights);
    count("operations", name);
    void Promise.resolve(operations[name](device, chatId)).catch((error: unknown) => tell(String(error)));
    await Bun.sleep(random.below(2 * pauseMs));
  }
  isOver = true;
  await troubles;

  const { logs, stuck } = await settle(world, devices, accounts, chats);
  const views = devices.flatMap((device) =>
    chatsOf(chats, device.account).map((chatId) => {
      const { messages } = device.log(chatId).get();
      return { client: device.name, chatId, messages: messages.map(toSeen) };
    }),
  );
  const sends = devices.flatMap((device) => device.sends);
  const findings = [
    ...check({ sends, changes: devices.flatMap((device) => device.changes), logs, views }),
    ...devices.flatMap((device) => device.oddities.map((what) => ({ check: "odd" as const, what }))),
    ...stuck.map((what) => ({ check: "stuck" as const, what })),
  ];
  for (const device of devices) device.close();
  return { findings, ...counts, messages: [...logs.values()].reduce((sum, log) => sum + log.length, 0) };
}

interface Chat {
  id: string;
  memberIds: readonly string[];
}

const chatsOf = (chats: readonly Chat[], { userId }: Account) =>
  chats.filter((chat) => chat.memberIds.includes(userId)).map((chat) => chat.id);

async function populate({ nodes }: World) {
  const people = [];
  for (const name of ["Ann", "Ben", "Cleo", "Dan"]) people.push(await createPerson(nodes[0].url, name));
  const ids = people.map(({ user }) => user.id);
  const chats: Chat[] = [];
  for (const [n, creator] of people.entries()) {
    // A group of all, one of three, one of two, and one of whoever is left.
    const memberIds = [...ids.slice(n), creator.user.id];
    const body = { title: `Group ${n}`, member_ids: memberIds };
    const { body: group } = await creator.call<{ id: string }>("POST", "/groups", body);
    chats.push({ id: group.id, memberIds });
  }
  const accounts: Account[] = people.map(({ user, token }) => ({ name: user.name, userId: user.id, token }));
  return { accounts, chats };
}

/** Waits until nothing is on its way and every device shows what the database has. */
async function settle(
  world: World,
  devices: readonly Device[],
  accounts: readonly Account[],
  chats: readonly Chat[],
): Promise<{ logs: Map<string, Seen[]>; stuck: string[] }> {
  const deadline = performance.now() + patienceMs;
  const isBusy = (device: Device) =>
    device.client.outbox.get().entries.some((entry) => entry.state !== "refused");
  while (devices.some(isBusy) && performance.now() < deadline) await Bun.sleep(100);
  const stuck = devices.filter(isBusy).map((device) => `${device.name} cannot send`);

  for (;;) {
    const logs = new Map<string, Seen[]>();
    for (const { id, memberIds } of chats) {
      const reader = accounts.find((account) => account.userId === memberIds[0])!;
      logs.set(id, await readLog(world.nodes[0].url, reader.token, id));
    }
    const behind = devices.flatMap((device) =>
      chatsOf(chats, device.account)
        .filter((chatId) => {
          const shown = device.log(chatId).get().messages.map(toSeen);
          const log = logs.get(chatId) ?? [];
          return (
            !Bun.deepEquals(shown, log.slice(log.length - shown.length)) ||
            (shown.length === 0 && log.length > 0)
          );
        })
        .map(
          (chatId) =>
            `${device.name} is behind in ${chatId}: ${JSON.stringify(device.client.connection.get())}`,
        ),
    );
    if (behind.length === 0 || performance.now() > deadline) return { logs, stuck: [...stuck, ...behind] };
    await Bun.sleep(500);
  }
}

async function readLog(url: string, token: string, chatId: string): Promise<Seen[]> {
  const log: Seen[] = [];
  for (;;) {
    const page = `${url}/messages/history/${chatId}?limit=100&after_seq=${log.length}`;
    const answer = await fetch(page, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
    const messages = (await answer.json()) as Parameters<typeof toSeen>[0][];
    if (messages.length === 0) return log;
    log.push(...messages.map(toSeen));
  }
}
