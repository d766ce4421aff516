import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type {
  ChatInfo,
  ChatPage,
  ChatSummary,
  ErrorBody,
  FieldError,
  GroupInfo,
  MessageInfo,
} from "@windi/protocol";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";

const nobody = "01900000-0000-7000-8000-000000000000";

describe.each<[DatabaseKind, string]>([
  ["embedded", "/api/v1"],
  ["server", ""],
])("the list of chats on the %s database, below %p", (database, prefix) => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;
  let carol: Person;
  let personal: string;
  let group: string;

  beforeAll(async () => {
    server = await startServer({ database });
    [alice, bob, carol] = (await Promise.all(["Alice", "Bob", "Carol"].map(server.person))) as [
      Person,
      Person,
      Person,
    ];
    personal = (await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id })).body.id;
    const request = { title: "Garden", member_ids: [bob.user.id, carol.user.id] };
    group = (await alice.call<GroupInfo>("POST", "/groups", request)).body.id;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const page = (person: Person, query = "") =>
    person.call<ChatPage & ErrorBody>("GET", `${prefix}/chats/summaries${query}`);
  const summary = (person: Person, id: string) =>
    person.call<ChatSummary & ErrorBody>("GET", `${prefix}/chats/${id}/summary`);
  const send = async (person: Person, chat: string, request: object) =>
    (await person.call<MessageInfo>("POST", `${prefix}/chats/${chat}/messages`, request)).body;
  const newest = async (person: Person, chat: string) =>
    (
      await person.call<MessageInfo[]>("GET", `${prefix}/messages/history/${chat}?before_seq=2147483647`)
    ).body.at(-1);

  test("has the chat of the latest message first, each with its last message as the history has it", async () => {
    await send(alice, personal, { text: "hello" });
    await send(bob, group, { text: "to all" });
    await send(alice, personal, { text: "and again" });
    const { status, body } = await page(bob);
    expect([status, body.next_cursor]).toEqual([200, null]);
    expect(body.chats.map(({ id, name }) => [id, name])).toEqual([
      [personal, "Alice"],
      [group, "Garden"],
    ]);
    for (const chat of body.chats) {
      expect(chat.last_message).toEqual((await newest(bob, chat.id)) ?? null);
      expect(await summary(bob, chat.id)).toMatchObject({ status: 200, body: chat });
    }
    expect(body.chats[0]).toMatchObject({ peer: alice.user, member_count: 2, group_id: null });
    expect(body.chats[1]).toMatchObject({ peer: null, member_count: 3, group_id: group });
  });

  test("counts what is unread: not what one wrote, not what one read, not what is deleted", async () => {
    const [, second] = [await send(bob, group, { text: "mine" }), await send(alice, group, { text: "2" })];
    const third = await send(carol, group, { text: "3", mentions: [bob.user.id, alice.user.id] });
    const unread = async (person: Person) => {
      const { unread_count, mention_count, seq, read_seq } = (await summary(person, group)).body;
      return { unread_count, mention_count, behind: seq - read_seq };
    };
    expect(await unread(bob)).toEqual({ unread_count: 2, mention_count: 1, behind: 2 });
    expect(await unread(alice)).toEqual({ unread_count: 1, mention_count: 1, behind: 1 });
    expect(await unread(carol)).toEqual({ unread_count: 0, mention_count: 0, behind: 0 });
    await alice.call("DELETE", `${prefix}/chats/${group}/messages/${second.id}`);
    expect(await unread(bob)).toEqual({ unread_count: 1, mention_count: 1, behind: 2 });
    const socket = await bob.connect(group);
    await socket.request({ action: "message_read", chat_id: group, message_id: third.id });
    expect(await unread(bob)).toEqual({ unread_count: 0, mention_count: 0, behind: 0 });
    expect((await summary(carol, group)).body.last_message).toMatchObject({ id: third.id, is_read: true });
  });

  test("shows a deleted last message without its text", async () => {
    const last = await send(alice, group, { text: "a slip", mentions: [bob.user.id] });
    await alice.call("DELETE", `${prefix}/chats/${group}/messages/${last.id}`);
    const { last_message, mention_count } = (await summary(bob, group)).body;
    expect(last_message).toMatchObject({
      id: last.id,
      text: "",
      mentions: [],
      deleted_at: expect.any(String),
    });
    expect(mention_count).toBe(0);
  });

  test("comes in pages", async () => {
    const one = (await page(bob, "?limit=1")).body;
    const other = (await page(bob, `?limit=1&cursor=${one.next_cursor}`)).body;
    expect(other.next_cursor).toBeNull();
    expect([...one.chats, ...other.chats]).toEqual((await page(bob)).body.chats);
  });

  test.each(["limit=0", "limit=1001", "limit=x", "cursor=nonsense", "cursor=", `cursor=${"x".repeat(101)}`])(
    "is not asked for with %s: 422, and the field is named",
    async (query) => {
      const { status, body } = await page(alice, `?${query}`);
      expect([status, body.code]).toEqual([422, "invalid_request"]);
      const [{ loc }] = body.detail as [FieldError];
      expect(loc).toEqual(["query", query.replace(/=.*/, "")]);
    },
  );

  test("is of one's own chats only, also as they are now", async () => {
    const stranger = await server.person("Stranger");
    expect((await page(stranger)).body as ChatPage).toEqual({ chats: [], next_cursor: null });
    for (const id of [group, nobody]) {
      const { status, body } = await summary(stranger, id);
      expect([status, body.code]).toEqual([404, "chat_not_found"]);
    }
    await alice.call("DELETE", `/groups/${group}/members`, { user_ids: [carol.user.id] });
    expect((await page(carol)).body.chats).toEqual([]);
    expect((await summary(carol, group)).body.code).toBe("chat_not_found");
    expect((await summary(bob, group)).body.member_count).toBe(2);
  });
});
