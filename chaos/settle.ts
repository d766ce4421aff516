// The end of a run: waits until nothing is on its way and every device shows what the database has, and says what is left.
import { call } from "../tests/harness.ts";
import { readMetrics } from "../tests/metrics-page.ts";
import { readWholeLog } from "../tests/reliability/whole-log.ts";
import type { ChatPage, ChatSummary } from "@windi/protocol";
import type { Account, Device } from "./device.ts";
import { toSeen, type Seen, type View } from "./history.ts";
import { metricsToken, type World } from "./world.ts";

export interface Settled {
  /** Chat → its log, of all chats that anybody is in. */
  logs: Map<string, Seen[]>;
  views: View[];
  /** What is not as it should be, though there was time enough. */
  stuck: string[];
}

const patienceMs = 90_000;
const lookMs = 500;

const isBusy = ({ client }: Device) => client.outbox.get().entries.some(({ state }) => state !== "refused");

/** Of a chat in a list, what does not depend on who looks at the chat. */
const digest = ({
  id,
  name,
  seq,
  version,
  member_count,
  read_seq,
  unread_count,
  mention_count,
}: ChatSummary) =>
  JSON.stringify({ id, name, seq, version, member_count, read_seq, unread_count, mention_count });

export async function settle(
  world: World,
  devices: readonly Device[],
  accounts: readonly Account[],
): Promise<Settled> {
  const deadline = performance.now() + patienceMs;
  const isLate = () => performance.now() > deadline;
  while (devices.some(isBusy) && !isLate()) await Bun.sleep(lookMs);
  const stuck = devices.filter(isBusy).map(({ name }) => `${name} cannot send`);
  for (;;) {
    const { lists, logs } = await readWhenAnswered(world, accounts, isLate);
    const behind = devices.flatMap((device) =>
      findBehind(device, lists.get(device.account.userId) ?? [], logs),
    );
    if (behind.length === 0 || isLate()) {
      stuck.push(...behind);
      const views = devices.flatMap((device) =>
        [...device.logs].map(([chatId, log]) => ({
          client: device.name,
          chatId,
          messages: log.get().messages.map(toSeen),
        })),
      );
      return { logs, views, stuck };
    }
    await Bun.sleep(lookMs);
  }
}

/** A node that has just come back may still break off a connection. */
async function readWhenAnswered(world: World, accounts: readonly Account[], isLate: () => boolean) {
  for (;;) {
    try {
      return await readAll(world, accounts);
    } catch (error) {
      if (isLate()) throw error;
      await Bun.sleep(lookMs);
    }
  }
}

/** Past the network that failed: a connection of before that is lost would never answer. */
async function readAll({ nodes }: World, accounts: readonly Account[]) {
  const url = nodes[0].direct;
  const lists = new Map<string, ChatSummary[]>();
  const logs = new Map<string, Seen[]>();
  for (const { userId, token } of accounts) {
    const page = await call<ChatPage>(url, "GET", "/chats/summaries?limit=1000", { token });
    if (page.status !== 200) throw new Error(`The list of chats: ${page.status}`);
    lists.set(userId, page.body.chats);
    for (const { id } of page.body.chats)
      if (!logs.has(id)) logs.set(id, (await readWholeLog(url, token, id)).map(toSeen));
  }
  return { lists, logs };
}

function findBehind(device: Device, list: readonly ChatSummary[], logs: Map<string, Seen[]>): string[] {
  const { name, client } = device;
  const how = JSON.stringify(client.connection.get());
  const [shown, stored] = [client.chats.get().chats, list].map((chats) => chats.map(digest).toSorted());
  const wrong = shown?.filter((chat) => !stored?.includes(chat)) ?? [];
  const missing = stored?.filter((chat) => !shown?.includes(chat)) ?? [];
  const lists =
    wrong.length + missing.length === 0
      ? []
      : [`${name} lists ${wrong.join()} for ${missing.join()}; ${how}`];
  return lists.concat(
    list.flatMap(({ id }) => {
      const messages = device.logs.get(id)?.get().messages.map(toSeen) ?? [];
      const log = logs.get(id) ?? [];
      const isSame = Bun.deepEquals(messages, log.slice(log.length - messages.length));
      return isSame && (messages.length > 0 || log.length === 0)
        ? []
        : [`${name} is behind in ${id}; ${how}`];
    }),
  );
}

/** Connections that nodes hold though their clients are gone; a node notices within 45 s. */
export async function findDeadConnections(world: World, expected: number): Promise<string[]> {
  const deadline = performance.now() + 45_000;
  for (;;) {
    const counts = await Promise.all(
      world.nodes.map(
        async ({ direct }) => (await readMetrics(direct, metricsToken)).sum("windi_sockets") ?? 0,
      ),
    );
    const open = counts.reduce((sum, count) => sum + count, 0);
    if (open <= expected) return [];
    if (performance.now() > deadline) return [`${open} connections are open for ${expected} devices`];
    await Bun.sleep(lookMs);
  }
}
