import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import fc from "fast-check";
import { kinds, newRow, openStore, type Store } from "../../../tests/stores.ts";
import { until } from "../../../tests/until.ts";
import { deleteMembers, lockGroup } from "../chats/members.store.ts";
import { updateSettings } from "../chats/settings.store.ts";
import type { Database } from "../database/database.ts";
import { appendRows } from "./append.store.ts";
import { readPage } from "./messages.store.ts";
import { createReads } from "./reads.ts";
import { recordReads } from "./reads.store.ts";

const whole = { kind: "first", seq: 1, limit: 1000 } as const;

/** A chat with one message per sender, and the ids of the messages in the order of seq. */
async function createChat(store: Store, members: readonly UserInfo[], senders: readonly UserInfo[]) {
  const chat = await store.group(members);
  for (const sender of senders) await store.append(chat, sender, ["text"]);
  const log = (await readPage(store.database, chat, members[0]!.id, whole)) ?? [];
  const read = (user: UserInfo, seq: number) => ({
    chatId: chat,
    userId: user.id,
    messageId: log[seq - 1]!.id,
  });
  return { chat, read };
}

async function pointerOf(store: Store, chat: string, user: UserInfo) {
  const statement = "select read_seq from members where chat_id = $1 and user_id = $2";
  const [row] = await store.database.query<{ read_seq: number }>(statement, [chat, user.id]);
  return row?.read_seq;
}

async function marksOf(store: Store, chat: string) {
  const statement = "select rank::int, seq, user_id from read_marks where chat_id = $1 order by rank, seq";
  return store.database.query<{ rank: number; seq: number; user_id: string }>(statement, [chat]);
}

describe.each(kinds)("reading on the %s database", (kind) => {
  let store: Store;
  let people: UserInfo[];
  let alice: UserInfo;
  let bob: UserInfo;
  let carol: UserInfo;
  let stranger: UserInfo;

  beforeAll(async () => {
    store = await openStore(kind);
    people = await store.people(5);
    [alice, bob, carol, , stranger] = people as [UserInfo, UserInfo, UserInfo, UserInfo, UserInfo];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test("a pointer goes forward and never back", async () => {
    const { chat, read } = await createChat(store, [alice, bob], [alice, alice, alice]);
    await recordReads(store.database, [read(bob, 2)]);
    const [back] = await recordReads(store.database, [read(bob, 1)]);
    expect(back).toMatchObject({ outcome: "read", seq: 1 });
    expect(await pointerOf(store, chat, bob)).toBe(2);
    await recordReads(store.database, [read(bob, 3), read(bob, 1), read(bob, 2)]);
    expect(await pointerOf(store, chat, bob)).toBe(3);
  });

  test("reading again answers with when the pointer came there", async () => {
    const { read } = await createChat(store, [alice, bob], [alice]);
    const [first] = await recordReads(store.database, [read(bob, 1)]);
    const [again] = await recordReads(store.database, [read(bob, 1)]);
    expect(first).toMatchObject({ outcome: "read", seq: 1, hasMoved: true, isNews: true });
    expect<object>(again!).toEqual({ ...first, hasMoved: false, isNews: false });
  });

  test("a read tells whether the pointer moved, and whether that is news of a message", async () => {
    const { read } = await createChat(store, people.slice(0, 4), [alice, alice, bob]);
    const told = async (user: UserInfo, ...seqs: number[]) => {
      const results = await recordReads(
        store.database,
        seqs.map((seq) => read(user, seq)),
      );
      return results.map((result) =>
        result.outcome === "read" ? [result.seq, result.hasMoved, result.isNews] : result.outcome,
      );
    };
    expect(await told(bob, 1)).toEqual([[1, true, true]]);
    expect(await told(bob, 2, 1)).toEqual([
      [2, true, true],
      [1, false, false],
    ]);
    expect(await told(carol, 2)).toEqual([[2, true, true]]);
    // The third reader changes nothing for anybody.
    expect(await told(people[3]!, 2)).toEqual([[2, true, false]]);
    expect(await told(people[3]!, 2)).toEqual([[2, false, false]]);
  });

  test("a chat that is marked as unread from a message on is not any more when that is read, and not before", async () => {
    const { chat, read } = await createChat(store, [alice, bob], [alice, alice, alice, alice]);
    await recordReads(store.database, [read(bob, 4)]);
    const marksBefore = await marksOf(store, chat);
    await updateSettings(store.database, chat, bob.id, { unread_from: 3 });
    await updateSettings(store.database, chat, alice.id, { unread_from: 1 });
    const told = async (...seqs: number[]) => {
      const results = await recordReads(
        store.database,
        seqs.map((seq) => read(bob, seq)),
      );
      return results.map((result) => result.outcome === "read" && [result.hasMoved, result.isUnmarked]);
    };
    expect(await told(2)).toEqual([[false, false]]);
    expect(await told(2, 3, 4)).toEqual([
      [false, false],
      [false, true],
      [false, true],
    ]);
    expect(await told(3)).toEqual([[false, false]]);
    expect(await pointerOf(store, chat, bob)).toBe(4);
    expect(await marksOf(store, chat)).toEqual(marksBefore);
    const left = "select user_id from members where chat_id = $1 and unread_from is not null";
    expect(await store.database.query(left, [chat])).toEqual([{ user_id: alice.id }]);
  });

  test("a move that also ends a mark counts as a move, once", async () => {
    const { chat, read } = await createChat(store, [alice, bob], [alice, alice]);
    await updateSettings(store.database, chat, bob.id, { unread_from: 1 });
    const [first] = await recordReads(store.database, [read(bob, 2)]);
    const [again] = await recordReads(store.database, [read(bob, 2)]);
    expect(first).toMatchObject({ hasMoved: true, isNews: true, isUnmarked: true });
    expect<object>(again!).toEqual({ ...first, hasMoved: false, isNews: false, isUnmarked: false });
  });

  test("strangers, other chats' messages and messages that are not there are told apart", async () => {
    const { chat, read } = await createChat(store, [alice, bob], [alice]);
    const other = await createChat(store, [alice, bob], [alice]);
    const results = await recordReads(store.database, [
      read(stranger, 1),
      { ...read(bob, 1), messageId: other.read(bob, 1).messageId },
      { ...read(bob, 1), messageId: crypto.randomUUID() },
      { ...read(bob, 1), chatId: crypto.randomUUID() },
    ]);
    expect(results.map((result) => result.outcome)).toEqual([
      "not_a_member",
      "no_such_message",
      "no_such_message",
      "not_a_member",
    ]);
    expect(await pointerOf(store, chat, bob)).toBe(0);
    expect(await marksOf(store, chat)).toEqual([]);
  });

  test("a message is read by whoever but its sender was first, also when the sender read before", async () => {
    const { chat, read } = await createChat(store, [alice, bob, carol], [alice, bob]);
    await recordReads(store.database, [read(alice, 2)]);
    const unread = await readPage(store.database, chat, carol.id, whole);
    expect(unread?.map((message) => message.is_read)).toEqual([false, true]);
    await recordReads(store.database, [read(carol, 1)]);
    await recordReads(store.database, [read(bob, 2)]);
    const carolsMove =
      "select (extract(epoch from read_at) * 1000)::float8 as at from members where user_id = $1";
    const [row] = await store.database.query<{ at: number }>(`${carolsMove} and chat_id = $2`, [
      carol.id,
      chat,
    ]);
    const log = await readPage(store.database, chat, bob.id, whole);
    expect(log?.[0]?.read_at).toBe(new Date(row!.at).toISOString());
  });

  test("everybody's moves in one batch count, and each once", async () => {
    const { chat, read } = await createChat(store, people, [alice, alice]);
    await recordReads(
      store.database,
      people.flatMap((user) => (user === alice ? [] : [read(user, 1), read(user, 2), read(user, 2)])),
    );
    const marks = await marksOf(store, chat);
    expect(marks.filter((mark) => mark.rank === 1).at(-1)).toMatchObject({ seq: 2, user_id: bob.id });
    expect(marks.length).toBeLessThanOrEqual(4);
    for (const user of people.slice(1)) expect(await pointerOf(store, chat, user)).toBe(2);
  });

  test("is_read, read_at and the pointers are as everybody's moves tell, for random moves", async () => {
    const length = 8;
    const person = fc.integer({ min: 0, max: 3 });
    const move = fc.record({ who: person, seq: fc.integer({ min: 1, max: length }) });
    const batches = fc.array(fc.array(move, { minLength: 1, maxLength: 3 }), { maxLength: 8 });
    const senders = fc.array(person, { minLength: length, maxLength: length });
    await fc.assert(
      fc.asyncProperty(senders, batches, async (wrote, all) => {
        const members = people.slice(0, 4);
        const { chat, read } = await createChat(
          store,
          members,
          wrote.map((who) => members[who]!),
        );
        const pointers = [0, 0, 0, 0];
        const firstRead = Array.from({ length }, () => new Map<number, number>());
        for (const batch of all) {
          const reads = batch.map(({ who, seq }) => read(members[who]!, seq));
          const results = await recordReads(store.database, reads);
          for (const [n, { who, seq }] of batch.entries()) {
            const result = results[n]!;
            if (result.outcome !== "read") throw new Error(result.outcome);
            for (let at = pointers[who]! + 1; at <= seq; at++) firstRead[at - 1]!.set(who, result.readAtMs);
            pointers[who] = Math.max(pointers[who]!, seq);
          }
        }
        for (const [who, user] of members.entries())
          expect(await pointerOf(store, chat, user)).toBe(pointers[who]);
        const log = (await readPage(store.database, chat, alice.id, whole)) ?? [];
        const expected = wrote.map((sender, at) => {
          const times = [...firstRead[at]!].filter(([who]) => who !== sender).map(([, time]) => time);
          return times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
        });
        expect(log.map((message) => message.read_at)).toEqual(expected);
        expect(log.map((message) => message.is_read)).toEqual(expected.map((time) => time !== null));
        expect((await marksOf(store, chat)).length).toBeLessThanOrEqual(2 * length);
      }),
      { numRuns: 25 },
    );
  });

  test("a read in a group of a hundred costs the statements of a read in a group of two", async () => {
    const crowd = await store.people(100);
    const count = async (members: readonly UserInfo[]) => {
      const { chat, read } = await createChat(store, members, [members[0]!, members[0]!]);
      await recordReads(store.database, [read(members[1]!, 1)]);
      const before = await rowsWritten(store, chat);
      let statements = 0;
      const counted: Database = {
        ...store.database,
        begin: (work) =>
          store.database.begin((transaction) =>
            work({
              query(...query) {
                statements++;
                return transaction.query(...query);
              },
            }),
          ),
      };
      await recordReads(counted, [read(members[1]!, 2)]);
      return { statements, rows: (await rowsWritten(store, chat)) - before };
    };
    const small = await count(crowd.slice(0, 2));
    expect(small.rows).toBeLessThanOrEqual(2);
    expect(await count(crowd)).toEqual(small);
  });

  test("many moves at once through the rule all arrive", async () => {
    const { chat, read } = await createChat(
      store,
      people,
      Array.from({ length: 10 }, () => alice),
    );
    const reads = createReads({ database: store.database });
    await Promise.all(
      people.flatMap((user) => Array.from({ length: 10 }, (_, n) => reads.read(read(user, 10 - n)))),
    );
    for (const user of people) expect(await pointerOf(store, chat, user)).toBe(10);
    const log = await readPage(store.database, chat, alice.id, whole);
    expect(log?.every((message) => message.is_read)).toBe(true);
  });

  test("who is taken out of the chat while the read waits has not read", async () => {
    const { chat, read } = await createChat(store, [alice, bob, carol], [alice]);
    const removed = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const removing = store.database.begin(async (db) => {
      await deleteMembers(db, chat, [bob.id]);
      removed.resolve();
      await go.promise;
    });
    await removed.promise;
    const reading = recordReads(store.node(), [read(bob, 1), read(carol, 1)]);
    if (kind === "server") await until(() => store.isWaiting());
    go.resolve();
    await removing;
    expect(await reading).toMatchObject([{ outcome: "not_a_member" }, { outcome: "read", seq: 1 }]);
    expect(await marksOf(store, chat)).toEqual([{ rank: 1, seq: 1, user_id: carol.id }]);
  });
});

/** Pointers that moved and marks that were made. */
async function rowsWritten(store: Store, chat: string): Promise<number> {
  const statement = `select (select count(*) from read_marks where chat_id = $1)
    + (select count(*) from members where chat_id = $1 and read_seq > 0) as rows`;
  const [row] = await store.database.query<{ rows: number | string }>(statement, [chat]);
  return Number(row?.rows);
}

describe("reading on a PostgreSQL server with several nodes", () => {
  let store: Store;
  let people: UserInfo[];

  beforeAll(async () => {
    store = await openStore("server");
    people = await store.people(4);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test("readers do not wait for a writer that holds the chat", async () => {
    const { chat, read } = await createChat(store, people, [people[0]!]);
    const held = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const holding = store.node().begin(async (transaction) => {
      await appendRows(transaction, [newRow({ chatId: chat, senderId: people[0]!.id })]);
      held.resolve();
      await go.promise;
    });
    await held.promise;
    expect(await recordReads(store.database, [read(people[1]!, 1)])).toMatchObject([{ outcome: "read" }]);
    go.resolve();
    await holding;
  });

  test("readers do not wait for a group's change either", async () => {
    const { chat, read } = await createChat(store, people, [people[0]!]);
    const held = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const holding = store.node().begin(async (db) => {
      await lockGroup(db, chat);
      held.resolve();
      await go.promise;
    });
    await held.promise;
    expect(await recordReads(store.database, [read(people[1]!, 1)])).toMatchObject([{ outcome: "read" }]);
    go.resolve();
    await holding;
  });

  test("a mark that another node takes away while a read waits is away, and told of once", async () => {
    const { chat, read } = await createChat(store, people, [people[0]!, people[0]!]);
    const reader = people[1]!;
    await recordReads(store.database, [read(reader, 2)]);
    await updateSettings(store.database, chat, reader.id, { unread_from: 1 });
    const held = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const holding = store.node().begin(async (db) => {
      await updateSettings(db, chat, reader.id, { unread_from: null });
      held.resolve();
      await go.promise;
    });
    await held.promise;
    const reading = recordReads(store.database, [read(reader, 2)]);
    await until(() => store.isWaiting());
    go.resolve();
    await holding;
    expect(await reading).toMatchObject([{ outcome: "read", hasMoved: false, isUnmarked: false }]);
  });

  test("moves of the same people on two nodes, in opposite orders, all arrive", async () => {
    const chats = await Promise.all([1, 2, 3].map(() => createChat(store, people, [people[0]!, people[0]!])));
    const nodes = [createReads({ database: store.database }), createReads({ database: store.node() })];
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        nodes.flatMap((node, n) =>
          (n === 0 ? chats : chats.toReversed()).flatMap(({ read }) =>
            (n === 0 ? people : people.toReversed()).map((user) => node.read(read(user, (round % 2) + 1))),
          ),
        ),
      );
    }
    for (const { chat } of chats) {
      for (const user of people) expect(await pointerOf(store, chat, user)).toBe(2);
      expect((await marksOf(store, chat)).length).toBeLessThanOrEqual(4);
    }
  });
});
