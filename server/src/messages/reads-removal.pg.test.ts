import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import { openStore, type Store } from "../../../tests/stores.ts";
import { until } from "../../../tests/until.ts";
import { deleteAllMembers, deleteMembers, lockGroup } from "../chats/members.store.ts";
import { recordReads } from "./reads.store.ts";

const removals = ["of two people", "of everybody"] as const;

/** Both lock the rows of the same members: in different orders each would hold what the other waits for. */
describe.each(removals)("reading and the removal %s on a PostgreSQL server", (whom) => {
  let store: Store;
  /** In the order of their ids. */
  let people: [UserInfo, UserInfo];

  beforeAll(async () => {
    store = await openStore("server");
    people = (await store.people(2)).toSorted((a, b) => (a.id < b.id ? -1 : 1)) as typeof people;
  });
  afterAll(() => store[Symbol.asyncDispose]());

  async function waiting(): Promise<number> {
    const [row] = await store.database.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return row?.count ?? 0;
  }

  /** A chat in whose table the person with the greater id comes first, and both people's reads of its message. */
  async function createChat() {
    const chat = await store.group(people);
    const [first] = people;
    await store.append(chat, first, ["text"]);
    await store.database.query("update members set role = role where chat_id = $1 and user_id = $2", [
      chat,
      first.id,
    ]);
    const [message] = await store.database.query<{ id: string }>(
      "select id from messages where chat_id = $1",
      [chat],
    );
    const messageId = message?.id ?? "";
    return { chat, reads: people.map(({ id }) => ({ chatId: chat, userId: id, messageId })).toReversed() };
  }

  async function remove(chat: string): Promise<unknown> {
    return store.database.begin(async (db) => {
      await lockGroup(db, chat);
      if (whom === "of everybody") return deleteAllMembers(db, chat);
      return deleteMembers(db, chat, people.map(({ id }) => id).toReversed());
    });
  }

  test.each([
    ["a read first", ["read", "read"]],
    ["the removal first", ["not_a_member", "not_a_member"]],
  ])("wait for each other in one order, %s", async (name, outcomes) => {
    const { chat, reads } = await createChat();
    const held = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const holding = store.node().begin(async (db) => {
      await db.query("select 1 from members where chat_id = $1 and user_id = $2 for update", [
        chat,
        people[0].id,
      ]);
      held.resolve();
      await go.promise;
    });
    await held.promise;
    const node = store.node();
    const reading = () => recordReads(node, reads);
    const removing = () => remove(chat);
    const works = name === "a read first" ? [reading, removing] : [removing, reading];
    const done: Promise<unknown>[] = [];
    // Whoever waits first is let through first; the other holds then what it took before it waited.
    for (const work of works) {
      done.push(work());
      await until(async () => (await waiting()) === done.length);
    }
    go.resolve();
    await holding;
    const results = await Promise.all(done);
    const [read, removed] = name === "a read first" ? results : results.toReversed();
    expect(read).toMatchObject(outcomes.map((outcome) => ({ outcome })));
    expect((removed as { userIds: string[] }).userIds).toHaveLength(2);
  });
});
