import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { HistoryQuery, type UserInfo } from "@windi/protocol";
import { kinds, newRow, openStore, type Store } from "../../../tests/stores.ts";
import { createAppender } from "./append.ts";
import { appendRows } from "./append.store.ts";
import { createEditor } from "./edits.ts";
import { createLanes } from "./lanes.ts";
import { createMessages, type Messages } from "./messages.ts";

const greatest = 2_147_483_647;

describe.each(kinds)("the history on the %s database", (kind) => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;
  let stranger: UserInfo;
  let messages: Messages<undefined>;
  let chat: string;
  let empty: string;
  const length = 12;
  const all = Array.from({ length }, (_, n) => n + 1);

  beforeAll(async () => {
    store = await openStore(kind);
    [alice, bob, stranger] = (await store.people(3)) as [UserInfo, UserInfo, UserInfo];
    const { database } = store;
    const newId = () => Bun.randomUUIDv7();
    const lanes = createLanes(1);
    const appender = createAppender<undefined>({ database, newId, lanes, onCommitted: () => {} });
    const editor = createEditor<undefined>({ database, lanes, onChanged: () => {} });
    messages = createMessages({ database, appender, editor });
    [chat, empty] = [await store.group([alice, bob]), await store.group([alice, bob])];
    // Neighbours on both sides in the key, which no page may run into.
    for (const neighbour of [
      await store.group([alice, bob]),
      "00000000-0000-4000-8000-000000000000",
      "ffffffff-ffff-4fff-bfff-ffffffffffff",
    ]) {
      await database.query(
        `insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
        select $1::uuid, n, gen_random_uuid(), $2::uuid, 'another chat', n, now() from generate_series(1, 20) n`,
        [neighbour, alice.id],
      );
    }
    await store.append(
      chat,
      alice,
      all.map((seq) => `message ${seq}`),
    );
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const seqs = async (query: Record<string, number>, chatId = chat) => {
    const page = await messages.history(chatId, bob.id, HistoryQuery.parse(query));
    expect(page.every((message) => message.chat_id === chatId)).toBe(true);
    return page.map((message) => message.seq);
  };
  const limits = [1, 2, 3, length - 1, length, length + 1, 100];
  const positions = [...all, 0, length + 1, length + 2, length + 50, greatest - 1, greatest];

  test("offset and limit count from the oldest message", async () => {
    for (const limit of limits) {
      for (const offset of positions)
        expect(await seqs({ limit, offset })).toEqual(all.slice(offset, offset + limit));
    }
    expect(await seqs({})).toEqual(all);
  });

  test("after_seq gives the oldest that are newer", async () => {
    for (const limit of limits) {
      for (const after of positions) {
        const expected = all.filter((seq) => seq > after).slice(0, limit);
        expect(await seqs({ limit, after_seq: after })).toEqual(expected);
      }
    }
  });

  test("before_seq gives the newest that are older", async () => {
    for (const limit of limits) {
      for (const before of positions) {
        const expected = all.filter((seq) => seq < before).slice(-limit);
        expect(await seqs({ limit, before_seq: before })).toEqual(expected);
      }
    }
  });

  test("around_seq gives a full page with the message in its middle, or at an end of the chat", async () => {
    for (const limit of limits) {
      for (const around of positions) {
        const page = await seqs({ limit, around_seq: around });
        const low = Math.max(1, Math.min(around - Math.floor(limit / 2), length - limit + 1));
        expect(page).toEqual(all.filter((seq) => seq >= low).slice(0, limit));
        if (all.includes(around)) expect(page).toContain(around);
      }
    }
  });

  test("an empty chat has an empty page wherever one looks", async () => {
    for (const position of [0, 1, 5, greatest]) {
      for (const name of ["offset", "after_seq", "before_seq", "around_seq"])
        expect(await seqs({ [name]: position }, empty)).toEqual([]);
    }
  });

  test("there is no chat for a stranger, and none that is not there", async () => {
    const query = HistoryQuery.parse({});
    for (const [chatId, user] of [
      [chat, stranger],
      [empty, stranger],
      [crypto.randomUUID(), bob],
    ] as const) {
      const refused = await messages.history(chatId, user.id, query).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: "chat_not_found" });
    }
  });

  test("a message is the same in the answer to its sender, to a repeated key, and in the history", async () => {
    const send = { chatId: empty, sender: bob, text: "same", idempotencyKey: "same", mentions: [] };
    const first = await messages.send(send, undefined);
    const again = await messages.send({ ...send, text: "another text" }, undefined);
    const [stored] = await messages.history(empty, alice.id, HistoryQuery.parse({}));
    expect(first).toEqual({ message: stored!, isNew: true });
    expect(again).toEqual({ message: stored!, isNew: false });
  });

  test("who has left finds nothing by a repeated key", async () => {
    const left = await store.group([alice, bob]);
    await appendRows(store.database, [newRow({ chatId: left, senderId: bob.id, idempotencyKey: "k" })]);
    await store.database.query("delete from members where chat_id = $1 and user_id = $2", [left, bob.id]);
    const send = { chatId: left, sender: bob, text: "again", idempotencyKey: "k", mentions: [] };
    const refused = await messages.send(send, undefined).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "chat_not_found" });
  });
});
