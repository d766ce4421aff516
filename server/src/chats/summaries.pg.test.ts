import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ChatPage, ChatSummary, UserInfo } from "@windi/protocol";
import fc from "fast-check";
import { kinds, newRow, openStore, type Store } from "../../../tests/stores.ts";
import { appendRows } from "../messages/append.store.ts";
import { readPage } from "../messages/messages.store.ts";
import { recordReads } from "../messages/reads.store.ts";
import { insertMembers, insertPersonalChat } from "./members.store.ts";
import { updateSettings } from "./settings.store.ts";
import { readSummary } from "./summaries.store.ts";
import { pageOfSummaries } from "./summaries.ts";

const whole = { kind: "first", seq: 1, limit: 1000 } as const;

describe.each(kinds)("summaries of chats on the %s database", (kind) => {
  let store: Store;
  let people: UserInfo[];
  let alice: UserInfo;
  let bob: UserInfo;
  let carol: UserInfo;

  beforeAll(async () => {
    store = await openStore(kind);
    people = await store.people(3);
    [alice, bob, carol] = people as [UserInfo, UserInfo, UserInfo];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const summaryOf = (user: UserInfo, chatId: string) => readSummary(store.database, user.id, chatId);
  const logOf = async (chatId: string) => (await readPage(store.database, chatId, alice.id, whole)) ?? [];

  async function deleteMessage(chatId: string, seq: number): Promise<void> {
    const place = [chatId, seq];
    const change =
      "deleted_at = coalesce(deleted_at, now()), text = '', mentions = null where chat_id = $1 and seq = $2";
    await store.database.query(`update messages set ${change}`, place);
    await store.database.query("delete from mentions where chat_id = $1 and seq = $2", place);
  }
  async function read(chatId: string, user: UserInfo, seq: number): Promise<void> {
    const messageId = (await logOf(chatId))[seq - 1]?.id;
    if (messageId) await recordReads(store.database, [{ chatId, userId: user.id, messageId }]);
  }

  test("a personal chat has the name of the other person, who is its peer", async () => {
    const id = Bun.randomUUIDv7();
    await insertPersonalChat(store.database, id, alice.id, bob.id);
    for (const [one, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      expect(await summaryOf(one, id)).toEqual({
        ...{ id, type: "personal", name: other.name, group_id: null, creator_id: alice.id, peer: other },
        ...{ member_count: 2, seq: 0, version: 0, last_activity_at: expect.any(String), last_message: null },
        ...{ read_seq: 0, unread_count: 0, mention_count: 0, own_version: 0, draft: null },
        settings: { is_pinned: false, muted_until: null, unread_from: null },
      });
    }
    expect(await summaryOf(carol, id)).toBeUndefined();
  });

  test("whoever joins has nothing unread, whatever was written before", async () => {
    const chat = await store.group([alice, bob]);
    await store.append(chat, alice, ["one", "two", "three"]);
    await store.database.begin((db) => insertMembers(db, chat, [carol.id]));
    expect(await summaryOf(carol, chat)).toMatchObject({
      ...{ type: "group", name: "Group", group_id: chat, peer: null, member_count: 3 },
      ...{ seq: 3, version: 4, read_seq: 3, unread_count: 0, last_message: { text: "three", seq: 3 } },
    });
    expect(await summaryOf(bob, chat)).toMatchObject({ read_seq: 0, unread_count: 3 });
    await store.append(chat, alice, ["four"]);
    expect(await summaryOf(carol, chat)).toMatchObject({ read_seq: 3, unread_count: 1 });
  });

  test("mentions are counted up to 100", async () => {
    const chat = await store.group([alice, bob]);
    const rows = Array.from({ length: 101 }, () =>
      newRow({ chatId: chat, senderId: alice.id, mentions: [bob.id] }),
    );
    await appendRows(store.database, rows);
    expect(await summaryOf(bob, chat)).toMatchObject({ unread_count: 101, mention_count: 100 });
    expect(await summaryOf(alice, chat)).toMatchObject({ unread_count: 0, mention_count: 0 });
    await read(chat, bob, 100);
    expect(await summaryOf(bob, chat)).toMatchObject({ unread_count: 1, mention_count: 1 });
  });

  const person = fc.nat(2);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ writes: person, mentioned: fc.uniqueArray(person) }) },
    { weight: 1, arbitrary: fc.record({ reads: person, upTo: fc.nat(12) }) },
    { weight: 1, arbitrary: fc.record({ marks: person, from: fc.option(fc.integer({ min: 1, max: 12 })) }) },
    { weight: 1, arbitrary: fc.record({ deleted: fc.nat(12) }) },
  );

  test("are what a reading of the whole log gives, for random writing, reading, marking and deleting", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
        const chatId = await store.group(people);
        const pointers = [0, 0, 0];
        const marks: (number | null)[] = [null, null, null];
        for (const one of steps) {
          if ("writes" in one) {
            const mentions = one.mentioned.map((place) => people[place]!.id);
            await appendRows(store.database, [
              newRow({ chatId, senderId: people[one.writes]!.id, mentions }),
            ]);
          } else if ("deleted" in one) await deleteMessage(chatId, one.deleted);
          else if ("marks" in one) {
            marks[one.marks] = one.from;
            await updateSettings(store.database, chatId, people[one.marks]!.id, { unread_from: one.from });
          } else {
            await read(chatId, people[one.reads]!, one.upTo);
            const isThere = one.upTo <= (await logOf(chatId)).length;
            if (isThere) pointers[one.reads] = Math.max(pointers[one.reads]!, one.upTo);
            if (isThere && one.upTo >= (marks[one.reads] ?? Infinity)) marks[one.reads] = null;
          }
        }
        const log = await logOf(chatId);
        for (const [place, user] of people.entries()) {
          const own = log.filter((message) => message.sender.id === user.id).at(-1)?.seq ?? 0;
          const mark = marks[place] ?? null;
          const readSeq = Math.min(Math.max(pointers[place]!, own), (mark ?? Infinity) - 1);
          const unread = log.filter((message) => message.seq > readSeq && message.deleted_at === null);
          expect(await summaryOf(user, chatId)).toMatchObject({
            ...{ seq: log.length, last_message: log.at(-1) ?? null, read_seq: readSeq },
            unread_count: unread.length,
            mention_count: unread.filter((message) => message.mentions.includes(user.id)).length,
            settings: { is_pinned: false, muted_until: null, unread_from: mark },
          });
        }
      }),
      { numRuns: 12 },
    );
  });

  describe("in pages", () => {
    /** Somebody in this number of chats, of whom some were active at the same moment. */
    async function memberOf(count: number) {
      const [user] = (await store.people(1)) as [UserInfo];
      const chats = await Promise.all(Array.from({ length: count }, () => store.group([user])));
      await store.database.query(
        `update chats c set last_activity_at = timestamptz '2026-01-01' + interval '1 ms' * (place / 3)
        from unnest($1::uuid[]) with ordinality p(id, place) where c.id = p.id`,
        [chats],
      );
      const page = (limit: number, cursor?: string | null): Promise<ChatPage> =>
        pageOfSummaries(store.database, user.id, { limit, ...(cursor ? { cursor } : {}) });
      return { user, chats, page };
    }
    const ids = (chats: readonly ChatSummary[]) => chats.map((chat) => chat.id);

    test("of any size are the list of chats, cut in pieces", async () => {
      const { user, chats, page } = await memberOf(10);
      // Some of these were active at the same moment.
      for (const id of [chats[0]!, chats[1]!, chats[4]!, chats[9]!])
        await updateSettings(store.database, id, user.id, { is_pinned: true });
      const everything = await page(1000);
      expect(everything.next_cursor).toBeNull();
      const order = everything.chats.map(
        (chat) => `${chat.settings.is_pinned} ${chat.last_activity_at} ${chat.id}`,
      );
      expect(order).toEqual(order.toSorted().toReversed());
      expect(order.map((place) => place.startsWith("true"))).toEqual(
        everything.chats.map((_, place) => place < 4),
      );
      for (const chat of everything.chats) expect(await summaryOf(user, chat.id)).toEqual(chat);
      for (const limit of [1, 3, 9, 10]) {
        const pages = [await page(limit)];
        while (pages.at(-1)?.next_cursor) pages.push(await page(limit, pages.at(-1)?.next_cursor));
        expect(pages.flatMap(({ chats }) => chats)).toEqual(everything.chats);
        expect(pages).toHaveLength(Math.ceil(10 / limit));
      }
    });

    test("of somebody without chats are one empty page", async () => {
      const { page } = await memberOf(0);
      expect(await page(50)).toEqual({ chats: [], next_cursor: null });
    });

    test("give each chat that does not move exactly once, whatever else becomes active meanwhile", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 5 }),
          fc.array(fc.array(fc.nat(11), { maxLength: 3 }), { maxLength: 12 }),
          async (limit, active) => {
            const { user, chats, page } = await memberOf(12);
            const moved = new Set<string>();
            const seen: string[] = [];
            const turns = active.values();
            for (let cursor: string | null | undefined; cursor !== null;) {
              const { chats: some, next_cursor } = await page(limit, cursor);
              seen.push(...ids(some));
              cursor = next_cursor;
              for (const place of turns.next().value ?? []) {
                moved.add(chats[place]!);
                await store.append(chats[place]!, user, ["moves"]);
              }
            }
            expect(new Set(seen).size).toBe(seen.length);
            const still = chats.filter((chat) => !moved.has(chat));
            expect(seen).toEqual(expect.arrayContaining(still));
          },
        ),
        { numRuns: 15 },
      );
    });

    test.each(["", "nonsense", "MTc2 ", btoa("1 2"), btoa("9e9 01900000-0000-7000-8000-000000000000")])(
      "from the cursor %p are refused",
      async (cursor) => {
        const { user } = await memberOf(1);
        const asking = pageOfSummaries(store.database, user.id, { limit: 1, cursor });
        expect(await asking.catch((error: unknown) => error)).toMatchObject({
          code: "invalid_request",
          fields: [{ loc: ["query", "cursor"] }],
        });
      },
    );
  });
});
