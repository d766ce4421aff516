import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { GroupInfo, UserInfo } from "@windi/protocol";
import { kinds, newRow, openStore, type Store } from "../../../tests/stores.ts";
import { appendRows } from "../messages/append.store.ts";
import { recordReads } from "../messages/reads.store.ts";
import { createChats } from "./chats.ts";
import { deleteAllMembers, lockGroup } from "./members.store.ts";

/** Chats on a node, and what was revoked on it: chat, people, and how it ended. */
function createNode(database: Store["database"]) {
  const revoked: string[][] = [];
  const newId = () => Bun.randomUUIDv7();
  const chats = createChats({
    database,
    newId,
    news: {
      revoke(chatId, userIds) {
        const entry = [chatId, ...userIds, "open"];
        revoked.push(entry);
        const end = (how: string) => () => void entry.splice(-1, 1, how);
        return { committed: end("committed"), undone: end("undone") };
      },
      changed() {},
      added() {},
    },
  });
  return { chats, revoked };
}

describe.each(kinds)("chats on the %s database", (kind) => {
  let store: Store;
  let people: UserInfo[];
  let alice: UserInfo;
  let bob: UserInfo;
  let carol: UserInfo;
  let nodes: [ReturnType<typeof createNode>, ReturnType<typeof createNode>];

  beforeAll(async () => {
    store = await openStore(kind);
    people = await store.people(5);
    [alice, bob, carol] = people as [UserInfo, UserInfo, UserInfo];
    nodes = [createNode(store.database), createNode(store.node())];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const outcome = <T>(work: Promise<T>) => work.catch((error: { code: string }) => error.code);
  const memberIds = (group: GroupInfo) => group.members.map((member) => member.user.id).toSorted();
  const ids = (...users: UserInfo[]) => users.map((user) => user.id).toSorted();

  test("simultaneous requests from both sides and both nodes make one personal chat", async () => {
    for (let round = 0; round < 5; round++) {
      const [one, other] = (await store.people(2)) as [UserInfo, UserInfo];
      const made = await Promise.all(
        nodes.flatMap(({ chats }) => [
          outcome(chats.createPersonal(one, other.id)),
          outcome(chats.createPersonal(other, one.id)),
        ]),
      );
      expect(made.filter((chat) => typeof chat === "object")).toHaveLength(1);
      expect(made.filter((chat) => chat === "chat_exists")).toHaveLength(3);
      const [list, others] = await Promise.all([nodes[0].chats.list(one), nodes[1].chats.list(other)]);
      expect(list).toEqual(others);
      expect(list).toHaveLength(1);
    }
  });

  test("a group with an unknown member is not made at all", async () => {
    const before = await nodes[0].chats.list(alice);
    const members = [bob.id, crypto.randomUUID()];
    expect(await outcome(nodes[0].chats.createGroup(alice, "Nobody", members))).toBe("user_not_found");
    expect(await nodes[0].chats.list(alice)).toEqual(before);
  });

  test("adding is all or nothing, counts people once, and changes the version of the membership", async () => {
    const [{ chats }] = nodes;
    const group = await chats.createGroup(alice, "Group", [bob.id]);
    const version = async () => {
      const statement = "select members_version from chats where id = $1";
      return (await store.database.query<{ members_version: number }>(statement, [group.id]))[0];
    };
    const unknown = [carol.id, crypto.randomUUID()];
    expect(await outcome(chats.addMembers(alice, group.id, unknown))).toBe("user_not_found");
    expect(memberIds(await chats.getGroup(alice, group.id))).toEqual(ids(alice, bob));
    expect(await version()).toEqual({ members_version: 0 });
    const added = await chats.addMembers(alice, group.id, [bob.id, carol.id, carol.id]);
    expect(memberIds(added)).toEqual(ids(alice, bob, carol));
    expect(await version()).toEqual({ members_version: 1 });
    await chats.addMembers(alice, group.id, [carol.id]);
    expect(await version()).toEqual({ members_version: 1 });
  });

  test("the same people added and removed on both nodes at once leave one of the orders behind", async () => {
    const [one, other] = nodes;
    const group = await one.chats.createGroup(alice, "Group", [bob.id]);
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        one.chats.addMembers(alice, group.id, ids(carol, bob)),
        other.chats.removeMembers(alice, group.id, ids(bob, carol)),
      ]);
      const members = memberIds(await one.chats.getGroup(alice, group.id));
      expect([ids(alice), ids(alice, bob, carol)]).toContainEqual(members);
      expect((await one.chats.summary(alice, group.id)).member_count).toBe(members.length);
    }
  });

  test("who is removed is revoked before the commit, once, and nobody else", async () => {
    const [{ chats, revoked }] = nodes;
    const group = await chats.createGroup(alice, "Group", ids(bob, carol));
    revoked.length = 0;
    await chats.removeMembers(alice, group.id, [bob.id, people[4]!.id]);
    expect(revoked).toEqual([[group.id, bob.id, "committed"]]);
    expect(await chats.isMember(bob.id, group.id)).toBe(false);
    expect(await chats.isMember(carol.id, group.id)).toBe(true);
  });

  test("the creator stays, and a refused removal revokes nobody", async () => {
    const [{ chats, revoked }] = nodes;
    const group = await chats.createGroup(alice, "Group", [bob.id]);
    revoked.length = 0;
    expect(await outcome(chats.removeMembers(alice, group.id, ids(alice, bob)))).toBe("creator_stays");
    expect(await outcome(chats.removeMembers(bob, group.id, [alice.id]))).toBe("not_the_creator");
    expect(await outcome(chats.deleteGroup(bob, group.id))).toBe("not_the_creator");
    expect(revoked).toEqual([]);
    expect(memberIds(await chats.getGroup(bob, group.id))).toEqual(ids(alice, bob));
  });

  test("a deleted group leaves no row behind, in any table", async () => {
    const [{ chats, revoked }] = nodes;
    const group = await chats.createGroup(alice, "Group", ids(bob, carol));
    await store.append(group.id, alice, ["one", "two"]);
    await appendRows(store.database, [
      newRow({ chatId: group.id, senderId: alice.id, mentions: [bob.id, carol.id] }),
    ]);
    const [message] = await store.database.query<{ id: string }>(
      "select id from messages where chat_id = $1",
      [group.id],
    );
    await recordReads(store.database, [{ chatId: group.id, userId: bob.id, messageId: message!.id }]);
    revoked.length = 0;
    await chats.deleteGroup(alice, group.id);
    expect(revoked.map(([chat, ...rest]) => [chat, ...rest.toSorted()])).toEqual([
      [group.id, ...[...ids(alice, bob, carol), "committed"].toSorted()],
    ]);
    for (const table of ["members", "messages", "mentions", "read_marks"]) {
      const rows = await store.database.query(`select 1 from ${table} where chat_id = $1`, [group.id]);
      expect(rows).toEqual([]);
    }
    expect(await store.database.query("select 1 from chats where id = $1", [group.id])).toEqual([]);
    expect(await outcome(chats.getGroup(alice, group.id))).toBe("group_not_found");
    expect(await outcome(chats.deleteGroup(alice, group.id))).toBe("group_not_found");
  });

  test("a deletion that was cut short is over for everyone, and is done to the end later", async () => {
    const [{ chats }] = nodes;
    const [group, other] = await Promise.all([1, 2].map(() => store.group([alice, bob])));
    await store.append(group!, alice, ["one", "two"]);
    await store.append(other!, alice, ["stays"]);
    await store.database.begin(async (db) => {
      await lockGroup(db, group!);
      await deleteAllMembers(db, group!);
    });
    for (const ask of [
      () => chats.getGroup(alice, group!),
      () => chats.addMembers(alice, group!, [bob.id]),
      () => chats.renameGroup(alice, group!, "Garden"),
      () => chats.leaveGroup(bob, group!),
      () => chats.deleteGroup(alice, group!),
    ]) {
      expect(await outcome<unknown>(ask())).toBe("group_not_found");
    }
    expect((await chats.list(alice)).map((chat) => chat.id)).not.toContain(group);
    expect(await outcome(chats.summary(alice, group!))).toBe("chat_not_found");
    await Promise.all(nodes.map((node) => node.chats.eraseLeftovers()));
    const left = async (chatId: string) =>
      (await store.database.query("select 1 from messages where chat_id = $1", [chatId])).length;
    expect([await left(group!), await left(other!)]).toEqual([0, 1]);
    expect(await store.database.query("select 1 from chats where id = $1", [group])).toEqual([]);
    expect((await chats.list(alice)).map((chat) => chat.id)).toContain(other!);
  });

  test("a group of more messages than are erased at once leaves none behind", async () => {
    const group = await store.group([alice, bob]);
    await store.database.query(
      `insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
      select $1::uuid, n, gen_random_uuid(), $2::uuid, 'text', n, now() from generate_series(1, 4500) n`,
      [group, alice.id],
    );
    await store.database.query("update chats set last_seq = 4500 where id = $1", [group]);
    await nodes[0].chats.deleteGroup(alice, group);
    expect(await store.database.query("select 1 from messages where chat_id = $1", [group])).toEqual([]);
  });

  test("the chat of the latest message comes first in the list", async () => {
    const [user] = (await store.people(1)) as [UserInfo];
    const groups = await Promise.all([1, 2, 3].map(() => store.group([user])));
    const order = [groups[2]!, groups[0]!, groups[1]!];
    for (const group of order.toReversed()) await store.append(group, user, ["newest"]);
    const list = await nodes[0].chats.list(user);
    expect(list.map((chat) => chat.id)).toEqual(order);
  });

  test("a change of members keeps the messages' numbers dense", async () => {
    const [{ chats }] = nodes;
    const group = await chats.createGroup(alice, "Group", [bob.id]);
    await store.append(group.id, alice, ["one"]);
    await chats.addMembers(alice, group.id, [carol.id]);
    await chats.renameGroup(alice, group.id, "Garden");
    const [appended] = await store.append(group.id, carol, ["two"]);
    expect(appended).toMatchObject({ seq: 2, version: 4 });
  });
});

describe("removing somebody on a PostgreSQL server", () => {
  test("does not deadlock with the reads of those who are removed", async () => {
    await using store = await openStore("server");
    const people = (await store.people(4)) as [UserInfo, UserInfo, UserInfo, UserInfo];
    const [creator, ...others] = people;
    const { chats } = createNode(store.database);
    const readers = store.node();
    const group = await chats.createGroup(
      creator,
      "Group",
      others.map((user) => user.id),
    );
    await store.append(
      group.id,
      creator,
      Array.from({ length: 40 }, (_, n) => `message ${n}`),
    );
    const messages = await store.database.query<{ id: string }>(
      "select id from messages where chat_id = $1 order by seq",
      [group.id],
    );
    for (const { id } of messages) {
      const reads = others.map((user) => ({ chatId: group.id, userId: user.id, messageId: id }));
      await Promise.all([
        recordReads(readers, reads),
        chats.removeMembers(
          creator,
          group.id,
          others.map((user) => user.id),
        ),
      ]);
      await chats.addMembers(
        creator,
        group.id,
        others.map((user) => user.id),
      );
    }
    expect((await chats.getGroup(creator, group.id)).members).toHaveLength(4);
  });
});
