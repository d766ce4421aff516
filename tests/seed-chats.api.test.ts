import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ChatInfo, ErrorBody, GroupInfo } from "@windi/protocol";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";

const nobody = "01900000-0000-7000-8000-000000000000";

describe.each<[DatabaseKind, string]>([
  ["embedded", ""],
  ["server", "/api/v1"],
])("chats on the %s database, below %p", (database, prefix) => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;
  let carol: Person;
  let dave: Person;

  beforeAll(async () => {
    server = await startServer({ database });
    [alice, bob, carol, dave] = (await Promise.all(["Alice", "Bob", "Carol", "Dave"].map(server.person))) as [
      Person,
      Person,
      Person,
      Person,
    ];
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const chatsOf = async (person: Person) => (await person.call<ChatInfo[]>("GET", `${prefix}/chats`)).body;
  const newGroup = async (...members: Person[]) => {
    const request = { title: "Garden", member_ids: members.map((member) => member.user.id) };
    return (await alice.call<GroupInfo>("POST", `${prefix}/groups`, request)).body;
  };
  const userIds = (group: GroupInfo) => group.members.map((member) => member.user.id).toSorted();
  const idsOf = (...people: Person[]) => people.map((person) => person.user.id).toSorted();

  describe("a personal chat", () => {
    test("is answered with 201, names both people, and is there for both", async () => {
      const { status, body } = await alice.call<ChatInfo>("POST", `${prefix}/chats`, {
        user_id: bob.user.id,
      });
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        name: expect.any(String),
        type: "personal",
        members: expect.arrayContaining([{ user: alice.user }, { user: bob.user }]),
        group_id: null,
      });
      expect(body.members).toHaveLength(2);
      for (const name of ["Alice", "Bob"]) expect(body.name).toContain(name);
      expect(await chatsOf(alice)).toContainEqual(body);
      expect(await chatsOf(bob)).toContainEqual(body);
      expect(await chatsOf(carol)).toEqual([]);
    });

    test("that exists is 409 from both sides", async () => {
      for (const [one, other] of [
        [alice, bob],
        [bob, alice],
      ] as const) {
        const { status, body } = await one.call<ErrorBody>("POST", `${prefix}/chats`, {
          user_id: other.user.id,
        });
        expect([status, body.detail, body.code]).toEqual([409, "Chat already exists", "chat_exists"]);
      }
    });

    test("that both ask for at the same moment is made once: one 201, all else 409", async () => {
      const asking = [carol, dave, carol, dave, carol, dave].map((one) =>
        one.call("POST", `${prefix}/chats`, { user_id: one === carol ? dave.user.id : carol.user.id }),
      );
      const statuses = (await Promise.all(asking)).map((answer) => answer.status).toSorted((a, b) => a - b);
      expect(statuses).toEqual([201, 409, 409, 409, 409, 409]);
      expect(await chatsOf(carol)).toHaveLength(1);
    });

    test("with oneself is 400, with nobody 404, with no id 422", async () => {
      const ask = (user_id: unknown) => alice.call<ErrorBody>("POST", `${prefix}/chats`, { user_id });
      const answers = [
        await ask(alice.user.id),
        await ask(alice.user.id.toUpperCase()),
        await ask(nobody),
        await ask("bob"),
      ];
      expect(answers.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
        "400 chat_with_self",
        "400 chat_with_self",
        "404 user_not_found",
        "422 invalid_request",
      ]);
    });
  });

  describe("a group", () => {
    test("has its creator as a member, and is a chat for each member", async () => {
      const { status, body } = await alice.call<GroupInfo>("POST", `${prefix}/groups`, {
        title: "Garden",
        member_ids: [bob.user.id, bob.user.id, alice.user.id],
      });
      expect(status).toBe(201);
      expect(Object.keys(body).toSorted()).toEqual(["creator", "id", "members", "title"]);
      expect([body.title, body.creator]).toEqual(["Garden", alice.user]);
      expect(body.members.map((member) => member.user)).toEqual(
        expect.arrayContaining([alice.user, bob.user]),
      );
      expect(body.members).toHaveLength(2);
      for (const { joined_at } of body.members) expect(joined_at).toBe(new Date(joined_at).toISOString());
      const asChat = { id: body.id, name: "Garden", type: "group" as const, group_id: body.id };
      for (const member of [alice, bob]) {
        const chat = (await chatsOf(member)).find(({ id }) => id === body.id);
        expect(chat).toMatchObject(asChat);
        expect(chat?.members.map(({ user }) => user)).toEqual(expect.arrayContaining([alice.user, bob.user]));
      }
    });

    test.each([[undefined], [null], [[]]])(
      "may begin with its creator alone (member_ids: %p)",
      async (member_ids) => {
        const { status, body } = await alice.call<GroupInfo>("POST", `${prefix}/groups`, {
          title: "Alone",
          member_ids,
        });
        expect([status, userIds(body)]).toEqual([201, idsOf(alice)]);
      },
    );

    test("with somebody unknown is 404, and nothing is made", async () => {
      const before = await chatsOf(bob);
      const request = { title: "Half", member_ids: [bob.user.id, nobody] };
      const { status, body } = await alice.call<ErrorBody>("POST", `${prefix}/groups`, request);
      expect([status, body.code, body.detail]).toEqual([404, "user_not_found", `User not found: ${nobody}`]);
      expect(await chatsOf(bob)).toEqual(before);
    });

    test.each([
      ["", 422],
      [" \t ", 422],
      ["x", 201],
      ["🌲".repeat(100), 201],
      ["🌲".repeat(101), 422],
    ])("with the title %p is %d", async (title, status) => {
      expect((await alice.call("POST", `${prefix}/groups`, { title })).status).toBe(status);
    });

    test("is shown to members, refused to others with 403, and 404 when there is none", async () => {
      const group = await newGroup(bob);
      const get = (person: Person, id: string) => person.call<ErrorBody>("GET", `${prefix}/groups/${id}`);
      expect(await get(bob, group.id)).toMatchObject({ status: 200, body: group });
      expect(await get(bob, group.id.toUpperCase())).toMatchObject({ status: 200, body: group });
      expect(await get(carol, group.id)).toMatchObject({ status: 403, body: { code: "not_a_member" } });
      expect(await get(alice, nobody)).toMatchObject({ status: 404, body: { code: "group_not_found" } });
      expect((await get(alice, "garden")).status).toBe(422);
    });

    test("takes people in, whoever of them is in it already", async () => {
      const group = await newGroup(bob);
      const path = `${prefix}/groups/${group.id}/members`;
      const ids = [bob.user.id, carol.user.id, carol.user.id];
      const { status, body } = await alice.call<GroupInfo>("POST", path, { user_ids: ids });
      expect([status, userIds(body)]).toEqual([200, idsOf(alice, bob, carol)]);
      const since = (info: GroupInfo) => info.members.find(({ user }) => user.id === bob.user.id)?.joined_at;
      expect(since(body)).toBe(since(group));
      expect((await alice.call<GroupInfo>("GET", `${prefix}/groups/${group.id}`)).body).toEqual(body);
    });

    test("loses people, whoever of them is not in it any more", async () => {
      const group = await newGroup(bob, carol);
      const path = `${prefix}/groups/${group.id}/members`;
      const ids = [bob.user.id, dave.user.id];
      const { status, body } = await alice.call<GroupInfo>("DELETE", path, { user_ids: ids });
      expect([status, userIds(body)]).toEqual([200, idsOf(alice, carol)]);
      expect((await chatsOf(bob)).map(({ id }) => id)).not.toContain(group.id);
    });

    test.each(["POST", "DELETE"])(
      "%s members: 403 for whom it does not belong to, 404 for nobody, and nothing changes",
      async (method) => {
        const group = await newGroup(bob);
        const path = `${prefix}/groups/${group.id}/members`;
        const elsewhere = `${prefix}/groups/${nobody}/members`;
        const change = (person: Person, user_ids: string[], at = path) =>
          person.call<ErrorBody>(method, at, { user_ids });
        expect(await change(bob, [carol.user.id])).toMatchObject({
          status: 403,
          body: { code: "not_the_creator" },
        });
        expect(await change(carol, [carol.user.id])).toMatchObject({
          status: 403,
          body: { code: "not_the_creator" },
        });
        expect(await change(alice, [bob.user.id, dave.user.id, nobody])).toMatchObject({
          status: 404,
          body: { code: "user_not_found" },
        });
        expect(await change(alice, [bob.user.id], elsewhere)).toMatchObject({
          status: 404,
          body: { code: "group_not_found" },
        });
        expect((await change(alice, [])).status).toBe(422);
        expect((await alice.call<GroupInfo>("GET", `${prefix}/groups/${group.id}`)).body).toEqual(group);
      },
    );

    test("does not lose its creator, and then nobody else either", async () => {
      const group = await newGroup(bob);
      const request = { user_ids: [bob.user.id, alice.user.id] };
      const { status, body } = await alice.call<ErrorBody>(
        "DELETE",
        `${prefix}/groups/${group.id}/members`,
        request,
      );
      expect([status, body.code]).toEqual([403, "creator_stays"]);
      expect((await bob.call("GET", `${prefix}/groups/${group.id}`)).status).toBe(200);
    });

    test("is deleted by its creator with its chat and messages", async () => {
      const group = await newGroup(bob);
      await bob.call("POST", `${prefix}/chats/${group.id}/messages`, { text: "hello" });
      const path = `${prefix}/groups/${group.id}`;
      for (const other of [bob, carol]) {
        expect(await other.call("DELETE", path)).toMatchObject({
          status: 403,
          body: { code: "not_the_creator" },
        });
      }
      const deleted = await alice.call("DELETE", path);
      expect([deleted.status, deleted.body]).toEqual([204, undefined]);
      for (const member of [alice, bob]) {
        expect((await member.call("GET", path)).status).toBe(404);
        expect((await member.call("GET", `${prefix}/messages/history/${group.id}`)).status).toBe(404);
        expect((await chatsOf(member)).map(({ id }) => id)).not.toContain(group.id);
      }
      expect((await alice.call("DELETE", path)).status).toBe(404);
    });

    test("is not what a personal chat is", async () => {
      const personal = (await chatsOf(alice)).find(({ type }) => type === "personal");
      for (const method of ["GET", "DELETE"]) {
        expect((await alice.call(method, `${prefix}/groups/${personal?.id}`)).status).toBe(404);
      }
    });
  });
});
