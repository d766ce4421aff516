import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { MessageInfo, UserInfo } from "@windi/protocol";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { until } from "../../../tests/until.ts";
import { deleteAllMembers, deleteMembers, insertMembers, lockGroup } from "../chats/members.store.ts";
import type { Database, Queries } from "../database/database.ts";
import { createAppender } from "./append.ts";
import { createLanes } from "./lanes.ts";
import { readPage } from "./messages.store.ts";

const whole = { kind: "first", seq: 1, limit: 10_000 } as const;

/** A node's appender, and what it told of in the order in which it did. */
function createNode(database: Database) {
  const told: MessageInfo[] = [];
  const appender = createAppender<undefined>({
    database,
    newId: () => Bun.randomUUIDv7(),
    lanes: createLanes(2),
    onCommitted: (message) => void told.push(message),
  });
  const send = (chatId: string, sender: UserInfo, text: string, idempotencyKey: string | null = null) =>
    appender.send({ chatId, sender, text, idempotencyKey, mentions: [] }, undefined);
  return { send, told };
}

describe.each(kinds)("two nodes on the %s database", (kind) => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;
  let nodes: [ReturnType<typeof createNode>, ReturnType<typeof createNode>];

  beforeAll(async () => {
    store = await openStore(kind);
    [alice, bob] = (await store.people(2)) as [UserInfo, UserInfo];
    nodes = [createNode(store.database), createNode(store.node())];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test("the same key at the same time on one node makes one message, of which one is told", async () => {
    const chat = await store.group([alice]);
    const [node] = nodes;
    node.told.length = 0;
    const results = await Promise.all([1, 2, 3].map(() => node.send(chat, alice, "once", "k")));
    expect(results.filter((result) => result.outcome === "stored")).toHaveLength(1);
    expect(results.map((result) => ("seq" in result ? result.seq : result.message.seq))).toEqual([1, 1, 1]);
    expect(node.told.map((message) => message.text)).toEqual(["once"]);
  });

  test("the same key at the same time on both makes one message", async () => {
    const chat = await store.group([alice, bob]);
    for (let round = 1; round <= 20; round++) {
      const results = await Promise.all(nodes.map((node) => node.send(chat, alice, "once", `k${round}`)));
      const stored = results.filter((result) => result.outcome === "stored");
      expect(stored).toHaveLength(1);
      expect(results.map((result) => ("seq" in result ? result.seq : result.message.seq))).toEqual([
        round,
        round,
      ]);
    }
  });

  test("both write the same chats in opposite orders: no hole, no deadlock, time never runs back", async () => {
    const chats = await Promise.all([1, 2, 3, 4].map(() => store.group([alice, bob])));
    for (const node of nodes) node.told.length = 0;
    const perChat = 50;
    const sends = nodes.flatMap((node, n) => {
      const order = n === 0 ? chats : chats.toReversed();
      return Array.from({ length: perChat }, (_, i) =>
        order.map((chat) => node.send(chat, n === 0 ? alice : bob, `${n} ${i}`)),
      ).flat();
    });
    const results = await Promise.all(sends);
    expect(results.every((result) => result.outcome === "stored")).toBe(true);
    for (const chat of chats) {
      const log = (await readPage(store.database, chat, alice.id, whole)) ?? [];
      expect(log.map((message) => message.seq)).toEqual(Array.from({ length: 2 * perChat }, (_, i) => i + 1));
      const times = log.map((message) => Date.parse(message.created_at));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      for (const n of [0, 1]) {
        const own = log.filter((message) => message.text.startsWith(`${n} `));
        expect(own.map((message) => message.text)).toEqual(
          Array.from({ length: perChat }, (_, i) => `${n} ${i}`),
        );
      }
    }
  });

  test("each node tells of its messages in the order of seq, before the sender is answered", async () => {
    const chat = await store.group([alice, bob]);
    for (const node of nodes) node.told.length = 0;
    await Promise.all(
      nodes.flatMap((node) =>
        Array.from({ length: 40 }, async (_, i) => {
          const result = await node.send(chat, alice, `${i}`);
          if (result.outcome === "stored")
            expect(node.told.some((message) => message.id === result.message.id)).toBe(true);
        }),
      ),
    );
    for (const node of nodes) {
      const seqs = node.told.map((message) => message.seq);
      expect(seqs).toHaveLength(40);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    }
  });
});

describe("a send that waits for the chat on a PostgreSQL server", () => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;
  let carol: UserInfo;

  beforeAll(async () => {
    store = await openStore("server");
    [alice, bob, carol] = (await store.people(3)) as [UserInfo, UserInfo, UserInfo];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  /** Starts a send of each of `senders` while `change` is done and not yet committed; answers with what became of them. */
  async function sendDuring(
    senders: readonly UserInfo[],
    change: (db: Queries, chat: string) => Promise<unknown>,
  ) {
    const chat = await store.group([alice, bob]);
    const node = createNode(store.node());
    const changed = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const changing = store.database.begin(async (db) => {
      await lockGroup(db, chat);
      await change(db, chat);
      changed.resolve();
      await go.promise;
    });
    await changed.promise;
    const sending = Promise.all(
      senders.map((user) => node.send(chat, user, "late").catch((error: unknown) => error)),
    );
    await until(() => store.isWaiting());
    go.resolve();
    await changing;
    return { chat, results: await sending };
  }

  test("is refused when its sender is removed meanwhile, and others' sends are not", async () => {
    const { chat, results } = await sendDuring([bob, alice], (db, chatId) =>
      deleteMembers(db, chatId, [bob.id]),
    );
    expect(results).toMatchObject([{ code: "chat_not_found" }, { outcome: "stored", message: { seq: 1 } }]);
    const log = await readPage(store.database, chat, alice.id, whole);
    expect(log?.map((message) => message.sender.id)).toEqual([alice.id]);
  });

  test("is refused when its sender is removed meanwhile, also when it is alone", async () => {
    const { chat, results } = await sendDuring([bob], (db, chatId) => deleteMembers(db, chatId, [bob.id]));
    expect(results).toMatchObject([{ code: "chat_not_found" }]);
    expect(await readPage(store.database, chat, alice.id, whole)).toEqual([]);
    expect(await store.append(chat, alice, ["next"])).toMatchObject([{ seq: 1 }]);
  });

  test.each([1, 2])(
    "is refused when the chat is deleted meanwhile, and leaves nothing behind: %d",
    async (count) => {
      const { chat, results } = await sendDuring([bob, alice].slice(0, count), deleteAllMembers);
      expect(results).toMatchObject(results.map(() => ({ code: "chat_not_found" })));
      const left = await store.database.query("select 1 from messages where chat_id = $1", [chat]);
      expect(left).toEqual([]);
    },
  );

  test("is stored when somebody else is added meanwhile", async () => {
    const adding = (db: Queries, chatId: string) => insertMembers(db, chatId, [carol.id]);
    const both = await sendDuring([bob, alice], adding);
    expect(both.results).toMatchObject([1, 2].map((seq) => ({ outcome: "stored", message: { seq } })));
    const alone = await sendDuring([bob], adding);
    expect(alone.results).toMatchObject([{ outcome: "stored", message: { seq: 1, version: 2 } }]);
  });

  test("a statement that another node's key defeats is asked again, and the rest of its batch is stored", async () => {
    const chat = await store.group([alice, bob]);
    const [one, other] = [createNode(store.database), createNode(store.node())];
    await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => one.send(chat, alice, `a ${i}`, `k${i}`)),
      ...Array.from({ length: 20 }, (_, i) => other.send(chat, alice, `b ${i}`, `k${19 - i}`)),
      other.send(chat, bob, "without a key"),
    ]);
    const log = (await readPage(store.database, chat, alice.id, whole)) ?? [];
    expect(log.map((message) => message.seq)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(new Set(log.map((message) => message.idempotency_key)).size).toBe(21);
  });
});
