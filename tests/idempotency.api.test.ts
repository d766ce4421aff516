import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ChatInfo, GroupInfo, MessageInfo } from "@windi/protocol";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";

describe.each<DatabaseKind>(["embedded", "server"])(
  "a message with an idempotency key on the %s database",
  (database) => {
    let server: TestServer;
    let alice: Person;
    let bob: Person;
    let personal: string;
    let group: string;

    beforeAll(async () => {
      server = await startServer({ database });
      [alice, bob] = await Promise.all([server.person("Alice"), server.person("Bob")]);
      personal = (await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id })).body.id;
      const request = { title: "Garden", member_ids: [bob.user.id] };
      group = (await alice.call<GroupInfo>("POST", "/groups", request)).body.id;
    });
    afterAll(() => server[Symbol.asyncDispose]());

    const newKey = () => crypto.randomUUID();
    const stored = async (chat: string, key: string) =>
      (await alice.call<MessageInfo[]>("GET", `/messages/history/${chat}?limit=100`)).body.filter(
        (message) => message.idempotency_key === key,
      );
    const post = (person: Person, chat: string, idempotency_key: string | null, text = "hello") =>
      person.call<MessageInfo>("POST", `/chats/${chat}/messages`, { text, idempotency_key });

    test.each(["personal", "group"])(
      "is stored once in a %s chat, however often it comes, and heard once",
      async (kind) => {
        const chat = kind === "group" ? group : personal;
        const key = newKey();
        const [a, b] = await Promise.all([alice.connect(chat), bob.connect(chat)]);
        const frame = { action: "send_message", chat_id: chat, text: "once", idempotency_key: key };
        const first = await a.request(frame);
        const again = await a.request({ ...frame, text: "something else" });
        const viaHttp = await post(alice, chat, key, "something else");
        expect(again.data).toEqual(first.data);
        expect([viaHttp.status, viaHttp.body]).toEqual([201, first.data]);
        expect(await stored(chat, key)).toEqual([first.data]);
        await b.settle();
        expect(b.frames.filter((heard) => heard.data?.idempotency_key === key)).toHaveLength(1);
      },
    );

    test("that comes from two sockets and over HTTP at the same moment is one message for all of them", async () => {
      const key = newKey();
      const [a1, a2, b] = await Promise.all([alice.connect(group), alice.connect(), bob.connect(group)]);
      const frame = { action: "send_message", chat_id: group, text: "once", idempotency_key: key };
      const answers = await Promise.all([
        ...[a1, a2, a1, a2, a1].map(async (socket) => (await socket.request(frame)).data as MessageInfo),
        ...Array.from({ length: 5 }, async () => (await post(alice, group, key)).body),
      ]);
      expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
      expect(await stored(group, key)).toHaveLength(1);
      await b.settle();
      expect(b.frames.filter((heard) => heard.data?.idempotency_key === key)).toHaveLength(1);
    });

    test("that comes several times while others are being stored is one message as well", async () => {
      const key = newKey();
      const a = await alice.connect();
      const frame = { action: "send_message", chat_id: group, text: "once" };
      const others = Array.from({ length: 3 }, () => a.request(frame));
      const same = Array.from({ length: 5 }, () => a.request({ ...frame, idempotency_key: key }));
      const ids = (answers: { data?: MessageInfo }[]) => new Set(answers.map(({ data }) => data?.id));
      expect(ids(await Promise.all(others)).size).toBe(3);
      const answers = await Promise.all(same);
      const messages = await stored(group, key);
      expect(messages).toHaveLength(1);
      expect(ids(answers)).toEqual(new Set([messages[0]?.id]));
    });

    test("is repeated as it is now: with who has read it since", async () => {
      const key = newKey();
      const { body } = await post(alice, personal, key);
      const b = await bob.connect(personal);
      const read = await b.request({ action: "message_read", chat_id: personal, message_id: body.id });
      expect((await post(alice, personal, key)).body).toEqual({
        ...body,
        is_read: true,
        read_at: read.data.read_at,
      });
    });

    test("is another one when the key is another sender's, or in another chat, or there is no key", async () => {
      const key = newKey();
      const sent = await Promise.all([
        post(alice, group, key),
        post(bob, group, key),
        post(alice, personal, key),
        post(alice, group, key.toUpperCase()),
        post(alice, group, null),
        post(alice, group, null),
      ]);
      expect(new Set(sent.map(({ body }) => body.id)).size).toBe(6);
      expect((await stored(group, key)).map(({ sender }) => sender.id).toSorted()).toEqual(
        [alice.user.id, bob.user.id].toSorted(),
      );
    });

    test("leaves no hole in the order of the chat", async () => {
      const key = newKey();
      await Promise.all(
        Array.from({ length: 30 }, (_, i) => post(alice, group, i % 3 === 0 ? newKey() : key)),
      );
      const log = (await alice.call<MessageInfo[]>("GET", `/messages/history/${group}?limit=100`)).body;
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
    });

    test("is not told to a sender who is out of the group", async () => {
      const key = newKey();
      const request = { title: "Short", member_ids: [bob.user.id] };
      const { id } = (await alice.call<GroupInfo>("POST", "/groups", request)).body;
      expect((await post(bob, id, key)).status).toBe(201);
      await alice.call("DELETE", `/groups/${id}/members`, { user_ids: [bob.user.id] });
      expect((await post(bob, id, key)).status).toBe(404);
    });

    test.each([
      ["", 422],
      ["k", 201],
      ["🌲".repeat(64), 201],
      ["🌲".repeat(65), 422],
      ["a\0b", 422],
    ])("with the key %p is %d", async (key, status) => {
      expect((await post(alice, personal, key)).status).toBe(status);
    });
  },
);
