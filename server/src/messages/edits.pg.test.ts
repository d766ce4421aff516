import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { HistoryQuery, type MessageInfo, type UserInfo } from "@windi/protocol";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { until } from "../../../tests/until.ts";
import { deleteMembers, lockGroup } from "../chats/members.store.ts";
import type { Database } from "../database/database.ts";
import { createAppender } from "./append.ts";
import { createEditor } from "./edits.ts";
import { createLanes } from "./lanes.ts";
import { createMessages } from "./messages.ts";
import { createReads } from "./reads.ts";

/** A node's rules of messages, and all that it told of, in its order. */
function createNode(database: Database) {
  const told: MessageInfo[] = [];
  const lanes = createLanes(2);
  const newId = () => Bun.randomUUIDv7();
  const appender = createAppender<undefined>({
    ...{ database, newId, lanes },
    onCommitted: (message) => void told.push(message),
  });
  const onChanged = (message: MessageInfo) => void told.push(message);
  const editor = createEditor<undefined>({ database, lanes, onChanged });
  const messages = createMessages({ database, appender, editor });
  return {
    told,
    async send(chatId: string, sender: UserInfo, text: string, mentions: readonly string[] = []) {
      const send = { chatId, sender, text, idempotencyKey: null, mentions };
      return (await messages.send(send, undefined)).message;
    },
    edit: (message: MessageInfo, user: UserInfo, text: string, mentions: readonly string[] = []) =>
      messages.edit({ chatId: message.chat_id, messageId: message.id, user, text, mentions }, undefined),
    remove: (message: MessageInfo, user: UserInfo) =>
      messages.remove({ chatId: message.chat_id, messageId: message.id, user }, undefined),
    log: (chatId: string, user: UserInfo) =>
      messages.history(chatId, user.id, HistoryQuery.parse({ limit: 100 })),
  };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

describe.each(kinds)("changing messages on the %s database", (kind) => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;
  let carol: UserInfo;
  let stranger: UserInfo;
  let node: ReturnType<typeof createNode>;
  let chat: string;

  beforeAll(async () => {
    store = await openStore(kind);
    [alice, bob, carol, stranger] = (await store.people(4)) as [UserInfo, UserInfo, UserInfo, UserInfo];
    node = createNode(store.database);
    chat = await store.group([alice, bob, carol]);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const stored = async (message: MessageInfo) =>
    (await node.log(message.chat_id, carol)).find((one) => one.id === message.id);

  async function mentioned(message: MessageInfo): Promise<string[]> {
    const statement = "select user_id from mentions where chat_id = $1 and seq = $2";
    const rows = await store.database.query<{ user_id: string }>(statement, [message.chat_id, message.seq]);
    return rows.map((row) => row.user_id).toSorted();
  }

  async function versionOf(chatId: string) {
    const statement = "select last_seq, version from chats where id = $1";
    const [row] = await store.database.query<{ last_seq: number; version: number }>(statement, [chatId]);
    return row;
  }

  test("an edit has the chat's next version and is told with it, in the history and to whom asked alike", async () => {
    const first = await node.send(chat, alice, "frist");
    const other = await node.send(chat, bob, "other");
    const { message, isChanged } = await node.edit(first, alice, "first");
    expect(isChanged).toBe(true);
    expect(message).toMatchObject({ id: first.id, seq: first.seq, text: "first", deleted_at: null });
    expect(message.version).toBe(other.version + 1);
    expect(Date.parse(message.edited_at ?? "")).toBeGreaterThanOrEqual(Date.parse(first.created_at));
    expect(node.told.at(-1)).toEqual(message);
    expect(await stored(first)).toEqual(message);
    expect(await versionOf(chat)).toEqual({ last_seq: other.seq, version: message.version });
  });

  test("a deleted message keeps its place without text and mentions, and again changes nothing", async () => {
    const sent = await node.send(chat, alice, "text", [bob.id]);
    const { message } = await node.remove(sent, alice);
    expect(message).toMatchObject({ seq: sent.seq, version: sent.version + 1, text: "", mentions: [] });
    expect(await stored(sent)).toEqual(message);
    expect(await mentioned(sent)).toEqual([]);
    const count = node.told.length;
    expect(await node.remove(sent, alice)).toEqual({ message, isChanged: false });
    expect(node.told).toHaveLength(count);
    expect((await versionOf(chat))?.version).toBe(message.version);
    expect(await codeOf(node.edit(sent, alice, "back"))).toBe("message_not_found");
  });

  test("the same text and mentions again change nothing", async () => {
    const sent = await node.send(chat, alice, "text", [bob.id]);
    expect(await node.edit(sent, alice, "text", [alice.id, bob.id, bob.id, stranger.id])).toEqual({
      message: sent,
      isChanged: false,
    });
    expect(await versionOf(chat)).toEqual({ last_seq: sent.seq, version: sent.version });
  });

  test("only its sender may change a message, and only while they are in the chat", async () => {
    const group = await store.group([alice, bob, carol]);
    const [own, bobs] = [await node.send(group, alice, "own"), await node.send(group, bob, "bob's")];
    const elsewhere = await node.send(chat, alice, "elsewhere");
    const deleted = await node.send(group, alice, "deleted");
    await node.remove(deleted, alice);
    await store.database.begin((db) => deleteMembers(db, group, [bob.id]));
    const expected: [MessageInfo, UserInfo, string][] = [
      [own, carol, "not_the_sender"],
      [deleted, carol, "not_the_sender"],
      [own, stranger, "chat_not_found"],
      [bobs, bob, "chat_not_found"],
      [own, bob, "chat_not_found"],
      [{ ...own, id: crypto.randomUUID() }, alice, "message_not_found"],
      [{ ...own, id: elsewhere.id }, alice, "message_not_found"],
      [{ ...own, chat_id: crypto.randomUUID() }, alice, "chat_not_found"],
    ];
    const { version } = (await versionOf(group))!;
    for (const [message, user, code] of expected) {
      expect(await codeOf(node.edit(message, user, "changed"))).toBe(code);
      expect(await codeOf(node.remove(message, user))).toBe(code);
    }
    expect((await versionOf(group))?.version).toBe(version);
    expect((await node.log(group, carol)).map((message) => message.text)).toEqual(["own", "bob's", ""]);
  });

  test("mentions are those members whom the text names, without the sender, in their order", async () => {
    const named = [stranger.id, carol.id, alice.id, bob.id, carol.id, crypto.randomUUID()];
    const sent = await node.send(chat, alice, "text", named);
    expect(sent.mentions).toEqual([carol.id, bob.id]);
    expect(await stored(sent)).toEqual(sent);
    expect(await mentioned(sent)).toEqual([bob.id, carol.id].toSorted());
    const { message } = await node.edit(sent, alice, "text", [alice.id, bob.id]);
    expect(message.mentions).toEqual([bob.id]);
    expect(await stored(sent)).toEqual(message);
    expect(await mentioned(sent)).toEqual([bob.id]);
    const { message: again } = await node.edit(sent, alice, "other text", [carol.id, bob.id]);
    expect(again.mentions).toEqual([carol.id, bob.id]);
    expect(await mentioned(sent)).toEqual([bob.id, carol.id].toSorted());
    expect((await node.edit(sent, alice, "nobody")).message.mentions).toEqual([]);
    expect(await mentioned(sent)).toEqual([]);
  });

  test("sends of one batch mention each their own", async () => {
    const sent = await Promise.all([
      node.send(chat, alice, "one", [bob.id, carol.id]),
      node.send(chat, bob, "two"),
      node.send(chat, carol, "three", [alice.id, carol.id]),
    ]);
    expect(sent.map((message) => message.mentions)).toEqual([[bob.id, carol.id], [], [alice.id]]);
    for (const message of sent) expect(await mentioned(message)).toEqual(message.mentions.toSorted());
  });

  test("a message that was read stays read, and says since when", async () => {
    const sent = await node.send(chat, alice, "text");
    const { readAtMs } = await createReads({ database: store.database }).read({
      ...{ chatId: chat, userId: bob.id, messageId: sent.id },
    });
    const read_at = new Date(readAtMs).toISOString();
    for (const change of [node.edit(sent, alice, "other"), node.remove(sent, alice)])
      expect((await change).message).toMatchObject({ is_read: true, read_at });
    expect(await stored(sent)).toMatchObject({ is_read: true, read_at });
  });

  test("changes that meet in one message are told of each with its version, and the last one stays", async () => {
    const sent = await node.send(chat, alice, "0", [bob.id]);
    const texts = ["1", "2", "2", "3"];
    const edits = await Promise.all(
      texts.map((text) => node.edit(sent, alice, text, text === "2" ? [] : [carol.id])),
    );
    expect(edits.map(({ message, isChanged }) => [message.text, message.version, isChanged])).toEqual([
      ["1", sent.version + 1, true],
      ["2", sent.version + 2, true],
      ["2", sent.version + 2, false],
      ["3", sent.version + 3, true],
    ]);
    expect(node.told.slice(-3).map((message) => message.text)).toEqual(["1", "2", "3"]);
    expect(await stored(sent)).toEqual(edits[3]!.message);
    expect(await mentioned(sent)).toEqual([carol.id]);
  });

  test("sends, edits and deletions of two nodes: versions without holes, one event each, told in order", async () => {
    const chats = [await store.group([alice, bob]), await store.group([alice, bob])];
    const nodes = [createNode(store.database), createNode(store.node())] as const;
    const work = nodes.flatMap((one, n) =>
      (n === 0 ? chats : chats.toReversed()).flatMap((chatId) =>
        Array.from({ length: 15 }, async (_, i) => {
          const sender = n === 0 ? alice : bob;
          const sent = await one.send(chatId, sender, `${n} ${i}`, i % 4 === 0 ? [alice.id, bob.id] : []);
          const changing = nodes[(n + i) % 2]!;
          const edits = [changing.edit(sent, sender, `${n} ${i} edited`), one.edit(sent, sender, "again")];
          if (i % 3 === 0) edits.push(changing.remove(sent, sender));
          // A deletion may be first, and then there is nothing to edit.
          await Promise.allSettled(edits);
        }),
      ),
    );
    await Promise.all(work);
    for (const chatId of chats) {
      const versions = nodes.map((one) =>
        one.told.filter((message) => message.chat_id === chatId).map((message) => message.version),
      );
      for (const one of versions) expect(one).toEqual(one.toSorted((a, b) => a - b));
      const all = versions.flat().toSorted((a, b) => a - b);
      expect(all).toEqual(all.map((_, i) => i + 1));
      expect(await versionOf(chatId)).toEqual({ last_seq: 30, version: all.length });
      const last = new Map(
        nodes
          .flatMap((one) => one.told.filter((message) => message.chat_id === chatId))
          .toSorted((a, b) => a.version - b.version)
          .map((message) => [message.seq, message]),
      );
      const log = await nodes[0].log(chatId, alice);
      expect(log).toEqual(log.map((message) => last.get(message.seq)!));
      for (const message of log) expect(await mentioned(message)).toEqual(message.mentions.toSorted());
    }
  });
});

describe("a change that waits for the chat on a PostgreSQL server", () => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;

  beforeAll(async () => {
    store = await openStore("server");
    [alice, bob] = (await store.people(2)) as [UserInfo, UserInfo];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test("is refused at once if it is somebody else's message, or of one who has left", async () => {
    const chat = await store.group([alice, bob]);
    const node = createNode(store.node());
    const [own, bobs] = [await node.send(chat, alice, "alice's"), await node.send(chat, bob, "bob's")];
    await store.database.begin((db) => deleteMembers(db, chat, [bob.id]));
    const locked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const locking = store.database.begin(async (db) => {
      await lockGroup(db, chat);
      locked.resolve();
      await go.promise;
    });
    await locked.promise;
    const waits = until(() => store.isWaiting()).then(() => "waits");
    const refusals = Promise.all([
      codeOf(node.edit(bobs, alice, "changed")),
      codeOf(node.remove(bobs, alice)),
      codeOf(node.edit(bobs, bob, "changed")),
      codeOf(node.edit(own, bob, "changed")),
      codeOf(node.edit({ ...own, id: crypto.randomUUID() }, alice, "changed")),
    ]);
    expect(await Promise.race([refusals, waits])).toEqual([
      ...(["not_the_sender", "not_the_sender"] as const),
      ...(["chat_not_found", "chat_not_found"] as const),
      "message_not_found",
    ]);
    // One that is allowed does wait.
    const allowed = node.edit(own, alice, "alice's, edited");
    expect(await Promise.race([codeOf(allowed), waits])).toBe("waits");
    go.resolve();
    await locking;
    expect((await allowed).message.text).toBe("alice's, edited");
  });

  test("is refused when its sender is removed meanwhile, and another's change is not", async () => {
    const chat = await store.group([alice, bob]);
    const node = createNode(store.node());
    const sent = [await node.send(chat, alice, "alice's"), await node.send(chat, bob, "bob's", [alice.id])];
    const removed = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const removing = store.database.begin(async (db) => {
      await lockGroup(db, chat);
      await deleteMembers(db, chat, [bob.id]);
      removed.resolve();
      await go.promise;
    });
    await removed.promise;
    const changes = Promise.all([
      node.edit(sent[0]!, alice, "alice's, edited", [bob.id]),
      codeOf(node.edit(sent[1]!, bob, "bob's, edited")),
    ]);
    await until(() => store.isWaiting());
    go.resolve();
    await removing;
    const [edited, refused] = await changes;
    expect(refused).toBe("chat_not_found");
    // Who is no member any more is not mentioned.
    expect(edited.message).toMatchObject({ text: "alice's, edited", mentions: [] });
    expect((await node.log(chat, alice)).map((message) => message.text)).toEqual([
      "alice's, edited",
      "bob's",
    ]);
  });
});
