import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  HistoryQuery,
  type MessageInfo,
  type Position,
  type SyncAnswer,
  type UserInfo,
} from "@windi/protocol";
import fc from "fast-check";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { deleteMembers, insertMembers } from "../chats/members.store.ts";
import type { Database } from "../database/database.ts";
import { createAppender } from "./append.ts";
import { createEditor } from "./edits.ts";
import { createLanes } from "./lanes.ts";
import { createMessages, type Messages } from "./messages.ts";
import { createReads } from "./reads.ts";
import { createGaps, type Gaps } from "./gaps.ts";
import { createSync, type Sync } from "./sync.ts";

const start = (chat_id: string): Position => ({ chat_id, seq: 0, version: 0 });

/** Each question is asked of the database. */
const nothingKept: Gaps = { ...createGaps(() => () => {}), keep: () => {} };

/** A database that counts its statements. */
function counting(database: Database) {
  const statements: string[] = [];
  const counted: Database = {
    ...database,
    query(...query) {
      statements.push(query[0]);
      return database.query(...query);
    },
  };
  return { counted, statements };
}

describe.each(kinds)("catching up on the %s database", (kind) => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;
  let stranger: UserInfo;
  let messages: Messages<undefined>;
  let sync: Sync;

  beforeAll(async () => {
    store = await openStore(kind);
    [alice, bob, stranger] = (await store.people(3)) as [UserInfo, UserInfo, UserInfo];
    const { database } = store;
    const lanes = createLanes(1);
    const newId = () => Bun.randomUUIDv7();
    messages = createMessages<undefined>({
      database,
      appender: createAppender({ database, newId, lanes, onCommitted: () => {} }),
      editor: createEditor({ database, lanes, onChanged: () => {} }),
    });
    sync = createSync({ database, gaps: nothingKept });
  });
  afterAll(() => store[Symbol.asyncDispose]());

  async function send(chatId: string, text: string, mentions: string[] = []): Promise<MessageInfo> {
    const send = { chatId, sender: alice, text, idempotencyKey: null, mentions };
    return (await messages.send(send, undefined)).message;
  }
  const edit = ({ chat_id, id }: MessageInfo, text: string) =>
    messages.edit({ chatId: chat_id, messageId: id, user: alice, text, mentions: [] }, undefined);
  const remove = ({ chat_id, id }: MessageInfo) =>
    messages.remove({ chatId: chat_id, messageId: id, user: alice }, undefined);
  const history = (chatId: string) => messages.history(chatId, bob.id, HistoryQuery.parse({ limit: 100 }));

  async function positionOf(chat_id: string): Promise<Position> {
    const statement = "select last_seq as seq, version from chats where id = $1";
    const [row] = await store.database.query<Omit<Position, "chat_id">>(statement, [chat_id]);
    return { chat_id, ...row! };
  }

  async function changesSince(position: Position, user = bob) {
    const { chats, deferred } = await sync.catchUp(user.id, [position]);
    expect(deferred).toEqual([]);
    expect(chats).toHaveLength(1);
    return chats[0]!;
  }

  test("who has missed nothing is told so, in one statement for any number of chats", async () => {
    const chats = await Promise.all(Array.from({ length: 10 }, () => store.group([alice, bob])));
    for (const chat of chats) await store.append(chat, alice, ["text"]);
    const positions = await Promise.all(chats.map(positionOf));
    const { counted, statements } = counting(store.database);
    const { chats: answered } = await createSync({ database: counted, gaps: nothingKept }).catchUp(
      bob.id,
      positions,
    );
    expect(answered).toEqual(
      positions.map((position) => ({
        ...{ outcome: "changes", ...position, messages: [], is_info_changed: false },
      })),
    );
    expect(statements).toHaveLength(1);
  });

  test("what is new, edited and deleted since comes in the order of version, as the history has it", async () => {
    const chat = await store.group([alice, bob]);
    const sent = [];
    for (const text of ["one", "two", "three", "four"]) sent.push(await send(chat, text));
    const position = await positionOf(chat);
    await edit(sent[2]!, "three, edited");
    const five = await send(chat, "five", [bob.id]);
    await remove(sent[0]!);
    await send(chat, "six");
    await edit(five, "five, edited");
    await edit(sent[2]!, "three, edited again");
    await createReads({ database: store.database }).read({
      ...{ chatId: chat, userId: bob.id, messageId: five.id },
    });
    const log = await history(chat);
    const changes = await changesSince(position);
    expect(changes).toEqual({
      outcome: "changes",
      ...(await positionOf(chat)),
      messages: [1, 6, 5, 3].map((seq) => log[seq - 1]!),
      is_info_changed: false,
    });
  });

  test("who asks together from the same position shares the reading, and nobody has another's answer", async () => {
    const [chat, other] = [await store.group([alice, bob]), await store.group([alice, bob])];
    const [one, two] = [await send(chat, "one"), await send(chat, "two", [bob.id])];
    const first = await send(other, "first");
    await createReads({ database: store.database }).read({
      ...{ chatId: chat, userId: bob.id, messageId: one.id },
    });
    const { counted, statements } = counting(store.database);
    let messagesRead = 0;
    const { catchUp } = createSync({
      database: {
        ...counted,
        query: async <Row>(...query: Parameters<Database["query"]>) => {
          const answer = await counted.query<Row>(...query);
          if (query[0].startsWith("/* catch_up */")) messagesRead += answer.length;
          return answer;
        },
      },
      gaps: nothingKept,
    });
    const late = { chat_id: chat, seq: 1, version: 1 };
    // The first is alone; the others are the batch after it.
    const [, ...answers] = await Promise.all([
      catchUp(bob.id, []),
      catchUp(stranger.id, [start(chat), start(other)]),
      catchUp(alice.id, [start(chat)]),
      catchUp(bob.id, [start(other), start(chat)]),
      catchUp(bob.id, [late]),
      catchUp(alice.id, [await positionOf(chat)]),
    ]);
    const all = await history(chat);
    expect(all.map(({ id, is_read }) => [id, is_read])).toEqual([
      [one.id, true],
      [two.id, false],
    ]);
    const outcomes = answers.map(({ chats }) =>
      chats.map((gap) => (gap.outcome === "changes" ? gap.messages : gap.outcome)),
    );
    expect(outcomes).toEqual([
      ["gone", "gone"],
      [all],
      [[{ ...first, is_read: false, read_at: null }], all],
      [all.slice(1)],
      [[]],
    ]);
    // Where the chats are, for three batches; how much lacks, and what, for one.
    expect(statements.length).toBeLessThanOrEqual(5);
    expect(messagesRead).toBe(4);
  });

  test("who asks soon after another from the same position is asked about, and nothing else is read", async () => {
    const chat = await store.group([alice, bob]);
    const [one] = [await send(chat, "one"), await send(chat, "two")];
    const gaps = createGaps(() => () => {});
    const { counted, statements } = counting(store.database);
    const { catchUp } = createSync({ database: counted, gaps });
    const first = await catchUp(alice.id, [start(chat)]);
    expect(statements).toHaveLength(3);
    expect(await catchUp(bob.id, [start(chat)])).toEqual(first);
    expect(await catchUp(stranger.id, [start(chat)])).toMatchObject({ chats: [{ outcome: "gone" }] });
    expect(statements).toHaveLength(5);

    await edit(one, "one, edited");
    expect(await catchUp(bob.id, [start(chat)])).toMatchObject({
      chats: [{ messages: [{ text: "two" }, { text: "one, edited" }] }],
    });

    await createReads({ database: store.database }).read({
      ...{ chatId: chat, userId: bob.id, messageId: one.id },
    });
    gaps.forget(chat);
    expect(await catchUp(bob.id, [start(chat)])).toMatchObject({
      chats: [{ messages: [{ is_read: false }, { is_read: true }] }],
    });
  });

  test("a change of the membership is told of", async () => {
    const chat = await store.group([alice, bob]);
    const position = await positionOf(chat);
    await store.database.begin((db) => insertMembers(db, chat, [stranger.id]));
    expect(await changesSince(position)).toMatchObject({ messages: [], is_info_changed: true });
    expect(await changesSince(await positionOf(chat))).toMatchObject({ is_info_changed: false });
    await store.database.begin((db) => deleteMembers(db, chat, [stranger.id]));
    expect(await changesSince(position)).toMatchObject({ messages: [], is_info_changed: true });
  });

  test("there is nothing for who is not in the chat, and no telling whether there is one", async () => {
    const chat = await store.group([alice, bob]);
    await store.append(chat, alice, ["secret"]);
    const unknown = crypto.randomUUID();
    for (const at of [start(chat), start(unknown), await positionOf(chat)])
      expect(await changesSince(at, stranger)).toEqual({ outcome: "gone", chat_id: at.chat_id });
    await store.database.begin((db) => deleteMembers(db, chat, [bob.id]));
    expect(await changesSince(start(chat))).toEqual({ outcome: "gone", chat_id: chat });
  });

  test("up to 200 changes come, and more are one word", async () => {
    const chat = await store.group([alice, bob]);
    await store.append(
      chat,
      alice,
      Array.from({ length: 201 }, (_, n) => `message ${n}`),
    );
    const now = await positionOf(chat);
    expect(await changesSince(start(chat))).toEqual({ outcome: "resync", ...now });
    const changes = await changesSince({ chat_id: chat, seq: 1, version: 1 });
    expect(changes).toMatchObject({ outcome: "changes", ...now });
    if (changes.outcome !== "changes") throw new Error(changes.outcome);
    expect(changes.messages.map((message) => message.seq)).toEqual(
      Array.from({ length: 200 }, (_, n) => n + 2),
    );
    // Edits of what the client has count as well.
    await edit((await history(chat))[0]!, "edited");
    expect(await changesSince({ chat_id: chat, seq: 1, version: 1 })).toMatchObject({ outcome: "resync" });
    expect(await changesSince({ chat_id: chat, seq: 2, version: 2 })).toMatchObject({ outcome: "changes" });
  });

  test("more than 160 KiB are one word too, counted as they are sent", async () => {
    const chat = await store.group([alice, bob]);
    // Nine of 16 KiB and what is around each, then some that take six bytes for a character.
    await store.append(
      chat,
      alice,
      Array.from({ length: 9 }, () => "\u{1F600}".repeat(4096)),
    );
    const changes = await changesSince(start(chat));
    expect(changes).toMatchObject({ outcome: "changes" });
    const bytes = new TextEncoder().encode(JSON.stringify(changes)).length;
    const left = Math.floor((160 * 1024 - bytes) / 6);
    await store.append(chat, alice, ["\u0001".repeat(left - 400)]);
    expect(await changesSince(start(chat))).toMatchObject({ outcome: "changes" });
    await store.append(chat, alice, ["\u0001".repeat(500)]);
    expect(await changesSince(start(chat))).toMatchObject({ outcome: "resync" });
    expect(await changesSince({ chat_id: chat, seq: 1, version: 1 })).toMatchObject({ outcome: "changes" });
  });

  test("however much of it is not text, an answer stays below what may wait for a socket", async () => {
    const chats = await Promise.all([1, 2, 3].map(() => store.group([alice, bob])));
    const mentions = JSON.stringify(Array.from({ length: 50 }, () => bob.id));
    for (const chat of chats)
      await store.database.query(
        `with added as (
          insert into messages (chat_id, seq, id, sender_id, text, idempotency_key, version, created_at, mentions)
          select $1::uuid, n, gen_random_uuid(), $2::uuid, repeat(chr(1), 20), repeat(chr(1), 60) || n, n, now(),
            array(select json_array_elements_text($3::json)::uuid)
          from generate_series(1, 55) n
        ) update chats set last_seq = 55, version = 55 where id = $1`,
        [chat, alice.id, mentions],
      );
    let asked = chats;
    for (const answers of [1, 2, 3]) {
      const answer = await sync.catchUp(bob.id, asked.map(start));
      expect(new TextEncoder().encode(JSON.stringify(answer)).length).toBeLessThan(200 * 1024);
      expect(answer.chats).toMatchObject([{ outcome: "changes" }]);
      asked = answer.deferred;
      expect(asked).toHaveLength(3 - answers);
    }
  });

  test("whoever is further than the chat ever was reads it again", async () => {
    const chat = await store.group([alice, bob]);
    await store.append(chat, alice, ["one", "two"]);
    const now = await positionOf(chat);
    for (const ahead of [{ seq: 3 }, { version: 3 }, { seq: 3, version: 3 }, { version: 2_147_483_647 }])
      expect(await changesSince({ ...now, ...ahead })).toEqual({ outcome: "resync", ...now });
  });

  test("what does not fit into an answer is deferred, and comes when it is asked for again", async () => {
    const chats = await Promise.all(Array.from({ length: 6 }, () => store.group([alice, bob])));
    // 130, 98, 0 and 16 KiB, one that is too much by itself, and another 98.
    for (const [n, count] of [8, 6, 0, 1, 10, 6].entries())
      await store.append(
        chats[n]!,
        alice,
        Array.from({ length: count }, () => "\u{1F600}".repeat(4096)),
      );
    const outcomes = (answer: SyncAnswer) =>
      answer.chats.map((one) => [chats.indexOf(one.chat_id), one.outcome] as const);
    const first = await sync.catchUp(bob.id, chats.map(start));
    expect(outcomes(first)).toEqual([
      [0, "changes"],
      [2, "changes"],
      [4, "resync"],
    ]);
    expect(first.deferred).toEqual([chats[1]!, chats[3]!, chats[5]!]);
    const second = await sync.catchUp(bob.id, first.deferred.map(start));
    expect(outcomes(second)).toEqual([
      [1, "changes"],
      [3, "changes"],
    ]);
    const third = await sync.catchUp(bob.id, second.deferred.map(start));
    expect(outcomes(third)).toEqual([[5, "changes"]]);
    expect(third.deferred).toEqual([]);
  });

  test("of a chat that is named twice the last position counts", async () => {
    const chat = await store.group([alice, bob]);
    await store.append(chat, alice, ["one", "two"]);
    const now = await positionOf(chat);
    const { chats } = await sync.catchUp(bob.id, [start(chat), { chat_id: chat, seq: 1, version: 1 }]);
    expect(chats).toMatchObject([{ outcome: "changes", ...now, messages: [{ seq: 2 }] }]);
  });

  test("requests at the same time are answered by few statements, each request by itself", async () => {
    const chat = await store.group([alice, bob]);
    await store.append(chat, alice, ["one", "two"]);
    const { counted, statements } = counting(store.database);
    const gathered = createSync({ database: counted, gaps: createGaps(() => () => {}) });
    const answers = await Promise.all(
      Array.from({ length: 150 }, (_, n) =>
        gathered.catchUp([alice, bob, stranger][n % 3]!.id, [
          { chat_id: chat, seq: n % 2, version: n % 2 },
          start(crypto.randomUUID()),
        ]),
      ),
    );
    for (const [n, { chats }] of answers.entries()) {
      expect(chats[0]).toMatchObject({ outcome: n % 3 === 2 ? "gone" : "changes" });
      if (chats[0]?.outcome === "changes") expect(chats[0].messages).toHaveLength(2 - (n % 2));
      expect(chats[1]).toMatchObject({ outcome: "gone" });
    }
    // Three batches; the last one lacks nothing that was not read for those before.
    expect(statements.length).toBeLessThanOrEqual(7);
  });

  test("from every earlier position a client comes to the log that is there, for random changes", async () => {
    const operation = fc.record({
      what: fc.constantFrom("send", "send", "edit", "remove", "members"),
      which: fc.nat(9),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 10 }), async (operations) => {
        const chat = await store.group([alice, bob]);
        const sent: MessageInfo[] = [];
        const seen: { position: Position; log: MessageInfo[] }[] = [];
        for (const [n, { what, which }] of operations.entries()) {
          seen.push({ position: await positionOf(chat), log: await history(chat) });
          const one = sent[which % Math.max(1, sent.length)];
          if (what === "members") await store.database.begin((db) => insertMembers(db, chat, [stranger.id]));
          else if (what === "send" || !one) sent.push(await send(chat, `message ${n}`));
          else if (what === "remove") await remove(one);
          else await edit(one, `edited ${n}`).catch(() => {});
        }
        const [now, log] = [await positionOf(chat), await history(chat)];
        for (const earlier of seen) {
          const changes = await changesSince(earlier.position);
          if (changes.outcome !== "changes") throw new Error(changes.outcome);
          const known = new Map(earlier.log.map((message) => [message.seq, message]));
          for (const message of changes.messages) known.set(message.seq, message);
          expect([...known.values()].toSorted((a, b) => a.seq - b.seq)).toEqual(log);
          expect(changes).toMatchObject(now);
          const versions = changes.messages.map((message) => message.version);
          expect(versions).toEqual(versions.toSorted((a, b) => a - b));
          expect(versions.every((version) => version > earlier.position.version)).toBe(true);
        }
      }),
      { numRuns: 15 },
    );
  });
});
