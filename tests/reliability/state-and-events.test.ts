import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { isApiError, type ChatLog, type ChatSummary, type Client, type MessageInfo } from "@windi/sdk";
import fc from "fast-check";
import { signIn, startNodes, type Person, type TestNodes } from "../harness.ts";
import { clientOf, connectedClient } from "../sdk/signed-in.ts";
import { until } from "../until.ts";
import { takeSeed } from "./seed.ts";

setDefaultTimeout(180_000);

const names = ["Alice", "Bob", "Carol"];
/** Less than a look at the database would take that mends what was lost. */
const patienceMs = 15_000;

const step = fc.record({
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("write" as const, "call" as const) },
    { weight: 2, arbitrary: fc.constantFrom("edit" as const, "remove" as const, "read" as const) },
    { weight: 1, arbitrary: fc.constantFrom("rename" as const, "add" as const, "expel" as const) },
    { weight: 1, arbitrary: fc.constantFrom("leave" as const, "group" as const, "delete" as const) },
  ),
  who: fc.nat(names.length - 1),
  pick: fc.nat(1000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const at = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)];

/** A device that has been there all the time, and shows all of its chats. */
function createScreen(client: Client) {
  const logs = new Map<string, ChatLog>();
  void client.chats.loadMore();
  client.chats.subscribe(({ chats }) => {
    const ids = new Set(chats.map(({ id }) => id));
    for (const [id, log] of logs) {
      if (ids.has(id)) continue;
      log.close();
      logs.delete(id);
    }
    for (const id of ids) {
      if (logs.has(id)) continue;
      const log = client.chatLog(id);
      logs.set(id, log);
      log.subscribe(() => {});
      client.look(id);
    }
  });
  return { client, logs };
}
type Screen = ReturnType<typeof createScreen>;

interface Shown {
  chats: Record<string, ChatSummary>;
  messages: Record<string, readonly MessageInfo[]>;
}

function shownBy({ client, logs }: Screen): Shown {
  const { chats } = client.chats.get();
  const order = chats.map(({ last_activity_at }) => last_activity_at);
  expect(order).toEqual(order.toSorted().toReversed());
  return {
    chats: Object.fromEntries(chats.map((chat) => [chat.id, chat])),
    messages: Object.fromEntries([...logs].map(([id, log]) => [id, log.get().messages])),
  };
}

/** What a device would show that begins now. */
async function showFresh(client: Client): Promise<Shown> {
  const { chats } = await client.call("listSummaries", { query: { limit: 1000 } });
  const pages = chats.map(async ({ id }) => {
    const query = { before_seq: 2_147_483_647, limit: 100 };
    return [id, await client.call("getHistory", { params: { chat_id: id }, query })] as const;
  });
  return {
    chats: Object.fromEntries(chats.map((chat) => [chat.id, chat])),
    messages: Object.fromEntries(await Promise.all(pages)),
  };
}

describe("devices that are there all the time", () => {
  let nodes: TestNodes;
  let people: Person[];
  let screens: Screen[];
  let fresh: Client[];
  let written = 0;

  beforeAll(async () => {
    // Nothing is mended by looking at the database: all must come by events.
    nodes = await startNodes({ AUDIT_SECONDS: "3600" });
    const [one, other] = nodes.servers;
    people = [];
    screens = [];
    fresh = [];
    for (const [n, name] of names.entries()) {
      const person = await one.person(name);
      const elsewhere = await signIn(other.url, person.user, person.password);
      const [near, far] = n % 2 === 0 ? [person, elsewhere] : [elsewhere, person];
      const [nearUrl, farUrl] = n % 2 === 0 ? [one.url, other.url] : [other.url, one.url];
      people.push(near);
      screens.push(createScreen(await connectedClient(nearUrl, near)));
      fresh.push(clientOf(farUrl, far));
    }
  });
  afterAll(async () => {
    for (const { client } of screens) client.close();
    await nodes[Symbol.asyncDispose]();
  });

  const idOf = (pick: number) => people[pick % people.length]?.user.id ?? "";

  async function act({ what, who, pick }: Step): Promise<unknown> {
    const screen = screens[who] as Screen;
    const { client } = screen;
    const { chats } = client.chats.get();
    const chat = at(chats, pick);
    if (what === "group" || !chat) {
      const member_ids = names.map((_, n) => idOf(n)).filter((_, n) => (pick >> n) % 2 === 0);
      return client.call("createGroup", { body: { title: `Group ${++written}`, member_ids } });
    }
    const { id: chat_id, creator_id } = chat;
    const messages = screen.logs.get(chat_id)?.get().messages ?? [];
    const own = messages.filter(({ sender, deleted_at }) => sender.id === idOf(who) && deleted_at === null);
    const message = at(own, pick);
    const text = `text ${++written}`;
    const mentions = pick % 3 === 0 ? [idOf(pick)] : [];
    if (what === "write") return client.outbox.send(chat_id, text, { mentions });
    if (what === "call") return client.call("sendMessage", { params: { chat_id }, body: { text, mentions } });
    if (what === "read") return client.chats.markRead(chat_id, at(messages, pick));
    if (what === "edit" || what === "remove") {
      if (!message) return undefined;
      const params = { chat_id, message_id: message.id };
      return what === "remove"
        ? client.call("deleteMessage", { params })
        : client.call("editMessage", { params, body: { text, mentions } });
    }
    const params = { group_id: chat_id };
    if (what === "leave") return client.call("leaveGroup", { params });
    // Only who made the group may do the rest.
    const maker = screens[people.findIndex(({ user }) => user.id === creator_id)] as Screen;
    if (what === "rename") return maker.client.call("renameGroup", { params, body: { title: text } });
    const body = { user_ids: [idOf(pick)] };
    if (what === "add") return maker.client.call("addMembers", { params, body });
    if (what === "expel") return maker.client.call("removeMembers", { params, body });
    return maker.client.call("deleteGroup", { params });
  }

  /** What somebody may not do, or is late for, is refused and changes nothing. */
  async function attempt(each: Step): Promise<void> {
    try {
      await act(each);
    } catch (error) {
      if (!isApiError(error) || error.retryable) throw error;
    }
  }

  /** That somebody has read is on its way for a moment; so they are the same at some moment, or never. */
  async function expectSame(): Promise<void> {
    for (const [n, screen] of screens.entries()) {
      const isSame = async () => Bun.deepEquals(shownBy(screen), await showFresh(fresh[n] as Client));
      const isReached = await until(isSame, patienceMs).catch(() => false);
      if (!isReached) expect(shownBy(screen)).toEqual(await showFresh(fresh[n] as Client));
    }
  }

  test("show after each burst of changes, by frames and calls, what a device shows that begins now", async () => {
    const seed = takeSeed();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 10, maxLength: 14 }),
        async (bursts) => {
          for (const burst of bursts) {
            await Promise.all(burst.map(attempt));
            for (const { client } of screens)
              await until(() => client.outbox.get().entries.every(({ state }) => state === "refused"));
            await expectSame();
          }
        },
      ),
      { seed, numRuns: 4, endOnFailure: true },
    );
  });
});
