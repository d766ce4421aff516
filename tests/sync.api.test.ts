import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ErrorBody, GroupInfo, MessageInfo, Position, SyncAnswer } from "@windi/protocol";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";

/** The answer, or the code of what refused the request. */
type Ask = (person: Person, chats: unknown) => Promise<SyncAnswer | string>;

const http: Ask = async (person, chats) => {
  const { status, body } = await person.call<SyncAnswer>("POST", "/sync", { chats });
  return status === 200 ? body : (body as unknown as ErrorBody).code;
};

const webSocket: Ask = async (person, chats) => {
  const socket = await person.connect();
  const answer = await socket.request({ action: "catch_up", chats });
  socket.close();
  if (answer.code !== undefined) return answer.code;
  const { status, request_id: _, ...rest } = answer;
  expect(status).toBe("caught_up");
  return rest as unknown as SyncAnswer;
};

const both = { HTTP: http, "the WebSocket": webSocket };
const cases = (["embedded", "server"] as const).flatMap((database) =>
  Object.keys(both).map((name) => [name as keyof typeof both, database] as const),
);

describe.each<readonly [keyof typeof both, DatabaseKind]>(cases)(
  "catching up over %s, %s database",
  (name, database) => {
    const ask = both[name];
    let server: TestServer;
    let alice: Person;
    let bob: Person;
    let outsider: Person;

    beforeAll(async () => {
      server = await startServer({ database });
      [alice, bob, outsider] = (await Promise.all(["Alice", "Bob", "Outsider"].map(server.person))) as [
        Person,
        Person,
        Person,
      ];
    });
    afterAll(() => server[Symbol.asyncDispose]());

    async function newChat(): Promise<string> {
      const body = { title: "Garden", member_ids: [bob.user.id] };
      return (await alice.call<GroupInfo>("POST", "/groups", body)).body.id;
    }
    const send = async (chat: string, text: string) =>
      (await alice.call<MessageInfo>("POST", `/chats/${chat}/messages`, { text })).body;
    const change = (method: "PATCH" | "DELETE", { chat_id, id }: MessageInfo, body?: object) =>
      alice.call(method, `/chats/${chat_id}/messages/${id}`, body);
    const history = async (chat: string) =>
      (await bob.call<MessageInfo[]>("GET", `/messages/history/${chat}`)).body;
    const start = (chat_id: string): Position => ({ chat_id, seq: 0, version: 0 });
    const answerOf = async (person: Person, chats: Position[]) => {
      const answer = await ask(person, chats);
      if (typeof answer === "string") throw new Error(answer);
      return answer;
    };

    test("gives all that is new, edited and deleted since, and then nothing", async () => {
      const chat = await newChat();
      const [one, two] = [await send(chat, "one"), await send(chat, "two")];
      const at: Position = { chat_id: chat, seq: two.seq, version: two.version };
      const three = await send(chat, "three");
      await change("PATCH", two, { text: "two, edited" });
      await change("DELETE", one);
      await bob.call("POST", `/chats/${chat}/messages`, { text: "four" });
      const socket = await bob.connect();
      await socket.request({ action: "message_read", chat_id: chat, message_id: three.id });
      socket.close();
      const log = await history(chat);
      expect(log.map((message) => message.is_read)).toEqual([true, true, true, false]);
      const { chats, deferred } = await answerOf(bob, [at]);
      const now = { chat_id: chat, seq: 4, version: at.version + 4 };
      const messages = [3, 2, 1, 4].map((seq) => log[seq - 1]!);
      expect(chats).toEqual([{ outcome: "changes", ...now, messages, is_info_changed: false }]);
      expect(deferred).toEqual([]);
      expect((await answerOf(bob, [now])).chats).toEqual([
        { outcome: "changes", ...now, messages: [], is_info_changed: false },
      ]);
    });

    test("tells of a changed title, and that one is in a chat no more", async () => {
      const chat = await newChat();
      const { version } = await send(chat, "text");
      const at = { chat_id: chat, seq: 1, version };
      await alice.call("PATCH", `/groups/${chat}`, { title: "Orchard" });
      expect((await answerOf(bob, [at])).chats).toMatchObject([
        { outcome: "changes", version: version + 1, messages: [], is_info_changed: true },
      ]);
      await alice.call("DELETE", `/groups/${chat}/members`, { user_ids: [bob.user.id] });
      expect((await answerOf(bob, [at])).chats).toEqual([{ outcome: "gone", chat_id: chat }]);
      expect((await answerOf(alice, [at])).chats).toMatchObject([{ outcome: "changes" }]);
    });

    test("an outsider cannot tell a chat from none", async () => {
      const [chat, none] = [await newChat(), crypto.randomUUID()];
      await send(chat, "secret");
      const { chats } = await answerOf(outsider, [start(chat), start(none)]);
      expect(chats).toEqual([chat, none].map((chat_id) => ({ outcome: "gone", chat_id })));
    });

    test("of a chat that is named twice the last position counts", async () => {
      const chat = await newChat();
      const { seq, version } = await send(chat, "text");
      const { chats } = await answerOf(bob, [start(chat), { chat_id: chat, seq, version }]);
      expect(chats).toMatchObject([{ outcome: "changes", seq, version, messages: [] }]);
    });

    test("whoever is ahead of the server reads the chat again", async () => {
      const chat = await newChat();
      const { seq, version } = await send(chat, "text");
      const greatest = 2_147_483_647;
      const { chats } = await answerOf(bob, [{ chat_id: chat, seq: greatest, version: greatest }]);
      expect(chats).toEqual([{ outcome: "resync", chat_id: chat, seq, version }]);
    });

    test("bad requests are refused: none, too many, and what is no position", async () => {
      const at = start(crypto.randomUUID());
      const wrong: unknown[] = [
        undefined,
        null,
        "all",
        [],
        Array.from({ length: 101 }, () => start(crypto.randomUUID())),
        [{ ...at, chat_id: "no-id" }],
        [{ ...at, seq: -1 }],
        [{ ...at, seq: 1.5 }],
        [{ ...at, version: 2_147_483_648 }],
        [{ chat_id: at.chat_id }],
        [null],
      ];
      for (const chats of wrong) expect(await ask(bob, chats)).toBe("invalid_request");
      const most = Array.from({ length: 100 }, () => start(crypto.randomUUID()));
      expect((await answerOf(bob, most)).chats).toHaveLength(100);
    });

    test("what lands while a client catches up is neither lost nor doubled", async () => {
      const chat = await newChat();
      const socket = await bob.connect();
      await socket.request({ action: "subscribe" });
      const sending = Array.from({ length: 20 }, async (_, n) => {
        const sent = await send(chat, `text ${n}`);
        if (n % 3 === 0) await change("PATCH", sent, { text: `edited ${n}` });
      });
      const answers = await Promise.all([1, 2, 3].map(() => answerOf(bob, [start(chat)])));
      await Promise.all(sending);
      const [now] = (await answerOf(bob, [start(chat)])).chats;
      if (now?.outcome !== "changes") throw new Error(now?.outcome);
      await socket.next((frame) => frame.data?.version === now.version);
      for (const { chats } of answers) {
        const [changes] = chats;
        if (changes?.outcome !== "changes") throw new Error(changes?.outcome);
        const known = new Map(changes.messages.map((message) => [message.seq, message]));
        let { version } = changes;
        for (const { event, data } of socket.frames) {
          if ((event !== "new_message" && event !== "message_changed") || data.version <= version) continue;
          expect(data.version).toBe(++version);
          known.set(data.seq, data as MessageInfo);
        }
        expect([...known.values()].toSorted((a, b) => a.seq - b.seq)).toEqual(await history(chat));
      }
      socket.close();
    });
  },
);
