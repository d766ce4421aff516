import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import { loadCorpus } from "../../../corpus/corpus.ts";
import { kinds, newRow, openStore, type Store } from "../../../tests/stores.ts";
import { appendRows, type Appended, type NewRow } from "./append.store.ts";
import { readPage } from "./messages.store.ts";

const whole = { kind: "first", seq: 1, limit: 1000 } as const;
const seqs = (appended: readonly Appended[]) => appended.map((one) => ("seq" in one ? one.seq : one.outcome));

describe.each(kinds)("appending to the %s database", (kind) => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;
  let stranger: UserInfo;

  beforeAll(async () => {
    store = await openStore(kind);
    [alice, bob, stranger] = (await store.people(3)) as [UserInfo, UserInfo, UserInfo];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const log = async (chatId: string) => (await readPage(store.database, chatId, alice.id, whole)) ?? [];

  test("a batch is numbered from 1 without holes, in its order, and the next batch goes on", async () => {
    const chat = await store.group([alice, bob]);
    const rows = ["a", "b", "c"].map((text) => newRow({ chatId: chat, senderId: alice.id, text }));
    const first = await appendRows(store.database, rows);
    expect(first).toMatchObject([1, 2, 3].map((n) => ({ outcome: "stored", seq: n, version: n })));
    expect(seqs(await store.append(chat, bob, ["d"]))).toEqual([4]);
    const messages = await log(chat);
    expect(messages.map((message) => message.text)).toEqual(["a", "b", "c", "d"]);
    expect(messages.map(({ seq, version }) => [seq, version])).toEqual([1, 2, 3, 4].map((n) => [n, n]));
    expect(messages.slice(0, 3).map((message) => message.id)).toEqual(rows.map((row) => row.id));
    const stored = first as Extract<Appended, { outcome: "stored" }>[];
    expect(messages.slice(0, 3).map((message) => Date.parse(message.created_at))).toEqual(
      stored.map((one) => one.createdAtMs),
    );
  });

  test("chats in one batch are numbered each by itself", async () => {
    const [one, other] = [await store.group([alice, bob]), await store.group([alice, bob])];
    const rows = [one, other, other, one, other].map((chatId, n) =>
      newRow({ chatId, senderId: [alice, bob][n % 2]!.id, text: `${n}` }),
    );
    expect(seqs(await appendRows(store.database, rows))).toEqual([1, 1, 2, 2, 3]);
    expect((await log(one)).map((message) => message.text)).toEqual(["0", "3"]);
    expect((await log(other)).map((message) => message.text)).toEqual(["1", "2", "4"]);
  });

  test("who is not a member stores nothing, and takes no number from those who are", async () => {
    const chat = await store.group([alice]);
    const rows = [alice, stranger, alice].map((user) => newRow({ chatId: chat, senderId: user.id }));
    rows.push(newRow({ chatId: crypto.randomUUID(), senderId: alice.id }));
    expect(seqs(await appendRows(store.database, rows))).toEqual([1, "not_a_member", 2, "not_a_member"]);
    expect((await log(chat)).map((message) => message.seq)).toEqual([1, 2]);
  });

  test("a key that is stored already answers with its message, and takes no number", async () => {
    const chat = await store.group([alice, bob]);
    const keyed = (text: string, idempotencyKey: string | null) =>
      newRow({ chatId: chat, senderId: alice.id, text, idempotencyKey });
    await appendRows(store.database, [keyed("one", "k1"), keyed("two", null), keyed("three", "k3")]);
    const again = [keyed("four", null), keyed("not one", "k1"), keyed("five", "k5"), keyed("x", "k3")];
    expect(await appendRows(store.database, again)).toMatchObject([
      { outcome: "stored", seq: 4 },
      { outcome: "duplicate", seq: 1 },
      { outcome: "stored", seq: 5 },
      { outcome: "duplicate", seq: 3 },
    ]);
    expect((await log(chat)).map((message) => message.text)).toEqual(["one", "two", "three", "four", "five"]);
  });

  test("a key belongs to one sender in one chat", async () => {
    const [chat, other] = [await store.group([alice, bob]), await store.group([alice, bob])];
    const rows = [
      newRow({ chatId: chat, senderId: alice.id, idempotencyKey: "k" }),
      newRow({ chatId: chat, senderId: bob.id, idempotencyKey: "k" }),
      newRow({ chatId: other, senderId: alice.id, idempotencyKey: "k" }),
    ];
    expect(seqs(await appendRows(store.database, rows))).toEqual([1, 2, 1]);
  });

  test("someone who has left can store no more, and their repeated key finds no message", async () => {
    const chat = await store.group([alice, bob]);
    const row = newRow({ chatId: chat, senderId: bob.id, idempotencyKey: "k" });
    await appendRows(store.database, [row]);
    await store.database.query("delete from members where chat_id = $1 and user_id = $2", [chat, bob.id]);
    expect(await appendRows(store.database, [newRow({ ...row, id: Bun.randomUUIDv7() })])).toEqual([
      { outcome: "not_a_member" },
    ]);
  });

  test("every text and key comes back byte for byte", async () => {
    const chat = await store.group([alice]);
    const awkward = [
      "NULL",
      "null",
      "{}",
      '{"a","b"}',
      '"',
      "\\",
      "\\N",
      "'",
      ",",
      " ",
      "\t",
      "\r\n",
      "\u2028",
    ];
    const texts = [
      ...loadCorpus().special,
      ...awkward,
      "\u{10FFFF}",
      "x".repeat(4096),
      "\u{1F600}".repeat(4096),
    ];
    const rows = texts.map((text, n) =>
      newRow({ chatId: chat, senderId: alice.id, text, idempotencyKey: awkward[n] ?? null }),
    );
    await appendRows(store.database, rows);
    const messages = await log(chat);
    expect(messages.map((message) => message.text)).toEqual(texts);
    expect(messages.slice(0, awkward.length).map((message) => message.idempotency_key)).toEqual(awkward);
    const keys = rows.slice(0, awkward.length).map((row) => ({ ...row, id: Bun.randomUUIDv7() }));
    const again = await appendRows(store.database, keys);
    expect(again.every((one) => one.outcome === "duplicate")).toBe(true);
  });

  test("a batch of 500 into one chat is whole", async () => {
    const chat = await store.group([alice]);
    const texts = Array.from({ length: 500 }, (_, n) => `message ${n}`);
    expect(seqs(await store.append(chat, alice, texts))).toEqual(texts.map((_, n) => n + 1));
    expect((await log(chat)).map((message) => message.text)).toEqual(texts);
  });

  test("a chat's time never runs back, even when the clock does", async () => {
    const chat = await store.group([alice]);
    const ahead = "update chats set last_activity_at = now() + interval '1 hour' where id = $1";
    await store.database.query(ahead, [chat]);
    await store.append(chat, alice, ["one"]);
    await store.append(chat, alice, ["two"]);
    const [one, two] = (await log(chat)).map((message) => Date.parse(message.created_at));
    expect(one).toBeGreaterThan(Date.now());
    expect(two).toBe(one);
  });

  test("a message alone is stored by the same rules as one of a batch", async () => {
    const chat = await store.group([alice, bob]);
    const alone = async (row: Partial<NewRow>) => {
      const rows = [newRow({ chatId: chat, senderId: alice.id, ...row })];
      const [appended] = await appendRows(store.database, rows);
      return appended;
    };
    expect(await alone({ idempotencyKey: "k" })).toMatchObject({ outcome: "stored", seq: 1, version: 1 });
    expect(await alone({ idempotencyKey: "k" })).toEqual({ outcome: "duplicate", seq: 1 });
    expect(await alone({ senderId: stranger.id, idempotencyKey: "k" })).toEqual({ outcome: "not_a_member" });
    expect(await alone({ chatId: crypto.randomUUID() })).toEqual({ outcome: "not_a_member" });
    expect(await alone({ senderId: bob.id, idempotencyKey: "k" })).toMatchObject({ seq: 2, mentions: [] });
    expect(await alone({})).toMatchObject({ seq: 3, version: 3 });
    expect(await alone({ mentions: [bob.id, stranger.id] })).toMatchObject({ seq: 4, mentions: [bob.id] });
    const stored = await alone({ text: "NULL" });
    const last = (await log(chat)).at(-1);
    expect(last).toMatchObject({ seq: 5, version: 5, text: "NULL", sender: alice, idempotency_key: null });
    expect(stored).toMatchObject({ createdAtMs: Date.parse(last?.created_at ?? "") });
  });

  test("an empty batch stores nothing", async () => {
    expect(await appendRows(store.database, [])).toEqual([]);
  });
});
