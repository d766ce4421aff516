import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { ErrorBody, FieldError, GroupInfo } from "@windi/protocol";
import postgres from "postgres";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";
import { until } from "./until.ts";

const nobody = "01900000-0000-7000-8000-000000000000";

describe.each<[DatabaseKind, string]>([
  ["embedded", ""],
  ["server", "/api/v1"],
])("groups on the %s database, below %p", (database, prefix) => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;
  let carol: Person;
  let group: string;

  beforeAll(async () => {
    server = await startServer({ database });
    [alice, bob, carol] = (await Promise.all(["Alice", "Bob", "Carol"].map(server.person))) as [
      Person,
      Person,
      Person,
    ];
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    const request = { title: "Garden", member_ids: [bob.user.id] };
    group = (await alice.call<GroupInfo>("POST", `${prefix}/groups`, request)).body.id;
  });

  const rename = (person: Person, title: unknown, id = group) =>
    person.call<GroupInfo & ErrorBody>("PATCH", `${prefix}/groups/${id}`, { title });
  const leave = (person: Person, id = group) =>
    person.call<ErrorBody | undefined>("POST", `${prefix}/groups/${id}/leave`);
  const codeOf = ({ status, body }: { status: number; body: ErrorBody | undefined }) =>
    `${status} ${body?.code}`;

  test("the creator gives a group another title, which all members see", async () => {
    const { status, body } = await rename(alice, "Orchard 🌳");
    expect([status, body.title, body.id]).toEqual([200, "Orchard 🌳", group]);
    expect(await bob.call("GET", `${prefix}/groups/${group}`)).toMatchObject({ status: 200, body });
    const chats = (await bob.call<{ id: string; name: string }[]>("GET", `${prefix}/chats`)).body;
    expect(chats.find(({ id }) => id === group)?.name).toBe("Orchard 🌳");
  });

  test("nobody else renames it, and no group that is not there", async () => {
    expect(codeOf(await rename(bob, "Bob's"))).toBe("403 not_the_creator");
    expect(codeOf(await rename(carol, "Carol's"))).toBe("403 not_the_creator");
    expect(codeOf(await rename(alice, "Nobody's", nobody))).toBe("404 group_not_found");
    expect((await alice.call<GroupInfo>("GET", `${prefix}/groups/${group}`)).body.title).toBe("Garden");
  });

  test.each([[""], ["  "], ["x".repeat(101)], ["a\0b"], [null], [7], [["Garden"]]])(
    "%j is no title: 422, and the field is named",
    async (title) => {
      const { status, body } = await rename(alice, title);
      expect([status, body.code]).toEqual([422, "invalid_request"]);
      for (const { loc } of body.detail as FieldError[]) expect(loc).toEqual(["body", "title"]);
    },
  );

  test("a personal chat is no group: it is neither renamed nor left", async () => {
    const [one, other] = (await Promise.all(["One", "Other"].map(server.person))) as [Person, Person];
    const { id } = (await one.call<{ id: string }>("POST", `${prefix}/chats`, { user_id: other.user.id }))
      .body;
    expect(codeOf(await rename(one, "Ours", id))).toBe("404 group_not_found");
    expect(codeOf(await leave(one, id))).toBe("404 group_not_found");
  });

  test("a member leaves: the group and its history are there no more, for the others they are", async () => {
    await alice.call("POST", `${prefix}/chats/${group}/messages`, { text: "hello" });
    expect(await leave(bob)).toMatchObject({ status: 204, body: undefined });
    const read = (person: Person) =>
      person.call<ErrorBody>("GET", `${prefix}/messages/history/${group}`).then(({ status }) => status);
    expect([await read(bob), await read(alice)]).toEqual([404, 200]);
    const members = (await alice.call<GroupInfo>("GET", `${prefix}/groups/${group}`)).body.members;
    expect(members.map(({ user }) => user)).toEqual([alice.user]);
    const chats = (await bob.call<{ id: string }[]>("GET", `${prefix}/chats`)).body;
    expect(chats.map(({ id }) => id)).not.toContain(group);
  });

  test("who left may be added again, and then has nothing unread", async () => {
    await leave(bob);
    await alice.call("POST", `${prefix}/chats/${group}/messages`, { text: "while Bob was away" });
    await alice.call("POST", `${prefix}/groups/${group}/members`, { user_ids: [bob.user.id] });
    const summary = await bob.call("GET", `${prefix}/chats/${group}/summary`);
    expect(summary.body).toMatchObject({ unread_count: 0, read_seq: 1, last_message: { seq: 1 } });
  });

  test("who is not in a group cannot leave it, nor can its creator", async () => {
    expect(codeOf(await leave(carol))).toBe("403 not_a_member");
    await leave(bob);
    expect(codeOf(await leave(bob))).toBe("403 not_a_member");
    expect(codeOf(await leave(alice))).toBe("403 creator_stays");
    expect(codeOf(await leave(alice, nobody))).toBe("404 group_not_found");
    expect(codeOf(await leave(alice, "nonsense"))).toBe("422 invalid_request");
  });

  test("who leaves hears no more of the group at once", async () => {
    const [a, b] = await Promise.all([alice.connect(group), bob.connect(group)]);
    await leave(bob);
    await a.request({ action: "send_message", chat_id: group, text: "without Bob" });
    await b.settle();
    expect(b.frames.filter((frame) => frame.event === "new_message")).toEqual([]);
    expect(await b.request({ action: "join_chat", chat_id: group })).toMatchObject({
      code: "chat_not_found",
    });
  });
});

test("what a deletion left behind when its server was killed is erased at the next start", async () => {
  await using server = await startServer({ database: "server" });
  const alice = await server.person("Alice");
  const { id } = (await alice.call<GroupInfo>("POST", "/groups", { title: "Garden" })).body;
  await alice.call("POST", `/chats/${id}/messages`, { text: "hello" });
  const sql = postgres(server.environment["DATABASE_URL"] ?? "", { max: 1 });
  await sql`delete from members where chat_id = ${id}`;
  await sql`update chats set member_count = 0 where id = ${id}`;
  await using _next = await startServer({ environment: server.environment });
  await until(async () => (await sql`select 1 from chats where id = ${id}`).length === 0);
  expect(await sql`select 1 from messages where chat_id = ${id}`).toHaveLength(0);
  await sql.end();
});
