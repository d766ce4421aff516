import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ErrorBody, GroupInfo, MessageInfo } from "@windi/protocol";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";
import type { Frame, TestSocket } from "./socket.ts";

interface Change {
  chat_id: string;
  message_id: string;
  text?: string;
  mentions?: string[];
}
/** The message as it is now, or the code of what refused the change. */
type Outcome = MessageInfo | string;

interface Transport {
  edit(person: Person, change: Change): Promise<Outcome>;
  remove(person: Person, change: Change): Promise<Outcome>;
}

const pathOf = ({ chat_id, message_id }: Change) => `/chats/${chat_id}/messages/${message_id}`;

const http: Transport = {
  async edit(person, { text, mentions, ...change }) {
    const { status, body } = await person.call<MessageInfo>("PATCH", pathOf(change), { text, mentions });
    return status === 200 ? body : (body as unknown as ErrorBody).code;
  },
  async remove(person, change) {
    const { status, body } = await person.call<MessageInfo>("DELETE", pathOf(change));
    return status === 200 ? body : (body as unknown as ErrorBody).code;
  },
};

async function request(person: Person, frame: object): Promise<Outcome> {
  const socket = await person.connect();
  const answer = await socket.request(frame);
  socket.close();
  if (answer.code !== undefined) return answer.code;
  expect(answer.event).toBe("message_changed");
  return answer.data as MessageInfo;
}

const webSocket: Transport = {
  edit: (person, change) => request(person, { action: "edit_message", ...change }),
  remove: (person, change) => request(person, { action: "delete_message", ...change }),
};

const both = { HTTP: http, "the WebSocket": webSocket };
const cases = (["embedded", "server"] as const).flatMap((database) =>
  Object.keys(both).map((name) => [name as keyof typeof both, database] as const),
);

describe.each<readonly [keyof typeof both, DatabaseKind]>(cases)(
  "changes over %s, %s database",
  (name, database) => {
    const transport = both[name];
    let server: TestServer;
    let alice: Person;
    let bob: Person;
    let former: Person;
    let outsider: Person;
    let chat: string;

    beforeAll(async () => {
      server = await startServer({ database });
      [alice, bob, former, outsider] = (await Promise.all(
        ["Alice", "Bob", "Former", "Outsider"].map(server.person),
      )) as [Person, Person, Person, Person];
      const body = { title: "Garden", member_ids: [bob.user.id, former.user.id] };
      chat = (await alice.call<GroupInfo>("POST", "/groups", body)).body.id;
    });
    afterAll(() => server[Symbol.asyncDispose]());

    async function send(person: Person, text: string, mentions: string[] = []): Promise<MessageInfo> {
      return (await person.call<MessageInfo>("POST", `/chats/${chat}/messages`, { text, mentions })).body;
    }
    const history = async () =>
      (await bob.call<MessageInfo[]>("GET", `/messages/history/${chat}?before_seq=2147483647`)).body;
    const stored = async ({ id }: MessageInfo) => (await history()).find((message) => message.id === id);
    const placeOf = ({ chat_id, id }: MessageInfo) => ({ chat_id, message_id: id });

    async function follow(person: Person): Promise<TestSocket> {
      const socket = await person.connect();
      await socket.request({ action: "subscribe" });
      return socket;
    }
    const changesOf = (socket: TestSocket, { id }: MessageInfo): Frame[] =>
      socket.frames.filter((frame) => frame.event === "message_changed" && frame.data.id === id);

    test("an edit is answered, told to all who follow, and in the history, the same to each", async () => {
      const [a, b] = await Promise.all([follow(alice), follow(bob)]);
      const sent = await send(alice, "frist");
      const edited = await transport.edit(alice, { ...placeOf(sent), text: "first \u{1F44B}" });
      expect(edited).toMatchObject({
        id: sent.id,
        seq: sent.seq,
        version: sent.version + 1,
        text: "first \u{1F44B}",
      });
      for (const socket of [a, b]) {
        await socket.next((frame) => frame.event === "message_changed" && frame.data.id === sent.id);
        await socket.settle();
        expect(changesOf(socket, sent).map((frame) => frame.data)).toEqual([edited]);
        socket.close();
      }
      expect(await stored(sent)).toEqual(edited as MessageInfo);
    });

    test("a deletion leaves an empty place, and again is answered the same and told to nobody", async () => {
      const socket = await follow(bob);
      const sent = await send(alice, "secret", [bob.user.id]);
      const deleted = await transport.remove(alice, placeOf(sent));
      expect(deleted).toMatchObject({ seq: sent.seq, text: "", mentions: [], edited_at: null });
      expect((deleted as MessageInfo).deleted_at).toBeString();
      expect(await transport.remove(alice, placeOf(sent))).toEqual(deleted);
      await socket.next((frame) => frame.event === "message_changed" && frame.data.id === sent.id);
      await socket.settle();
      expect(changesOf(socket, sent)).toHaveLength(1);
      expect(await stored(sent)).toEqual(deleted as MessageInfo);
      expect(JSON.stringify(await history())).not.toContain("secret");
      expect(await transport.edit(alice, { ...placeOf(sent), text: "back" })).toBe("message_not_found");
      socket.close();
    });

    test("who joined without subscribing hears what the seed's clients know, and no changes", async () => {
      const seed = await bob.connect(chat);
      const sent = await send(alice, "text");
      await transport.edit(alice, { ...placeOf(sent), text: "other" });
      await seed.next((frame) => frame.event === "new_message" && frame.data.id === sent.id);
      await seed.settle();
      expect(changesOf(seed, sent)).toEqual([]);
      seed.close();
    });

    test("is refused to everybody but the sender, and tells an outsider nothing", async () => {
      const [own, formers] = [await send(alice, "own"), await send(former, "former's")];
      await alice.call("DELETE", `/groups/${chat}/members`, { user_ids: [former.user.id] });
      const refused: [Person, MessageInfo, string][] = [
        [bob, own, "not_the_sender"],
        [alice, formers, "not_the_sender"],
        [former, formers, "chat_not_found"],
        [former, own, "chat_not_found"],
        [outsider, own, "chat_not_found"],
        [outsider, { ...own, id: crypto.randomUUID() }, "chat_not_found"],
        [outsider, { ...own, chat_id: crypto.randomUUID() }, "chat_not_found"],
        [alice, { ...own, id: crypto.randomUUID() }, "message_not_found"],
      ];
      for (const [person, message, code] of refused) {
        expect(await transport.edit(person, { ...placeOf(message), text: "mine" })).toBe(code);
        expect(await transport.remove(person, placeOf(message))).toBe(code);
      }
      expect([await stored(own), await stored(formers)]).toEqual([own, formers]);
      await alice.call("POST", `/groups/${chat}/members`, { user_ids: [former.user.id] });
    });

    test("bad input is refused and changes nothing", async () => {
      const sent = await send(alice, "text");
      const at = placeOf(sent);
      const ids = (count: number) => Array.from({ length: count }, () => crypto.randomUUID());
      const wrong: Change[] = [
        at,
        { ...at, text: "" },
        { ...at, text: "x".repeat(4097) },
        { ...at, text: "a\u0000b" },
        { ...at, text: "ok", mentions: ids(51) },
        { ...at, text: "ok", mentions: ["nobody"] },
        { ...at, text: "ok", message_id: "no-id" },
        { ...at, text: "ok", chat_id: "no-id" },
      ];
      for (const change of wrong) expect(await transport.edit(alice, change)).toBe("invalid_request");
      expect(await transport.remove(alice, { ...at, message_id: "no-id" })).toBe("invalid_request");
      expect(await stored(sent)).toEqual(sent);
      const longest = { ...at, text: "\u{1F600}".repeat(4096), mentions: ids(50) };
      expect(await transport.edit(alice, longest)).toMatchObject({ text: longest.text, mentions: [] });
    });

    test("mentions are the members whom the text names, also after an edit", async () => {
      const named = [outsider.user.id, bob.user.id, alice.user.id, bob.user.id];
      const sent = await send(alice, "text", named);
      expect(sent.mentions).toEqual([bob.user.id]);
      const socket = await alice.connect();
      const frame = { action: "send_message", chat_id: chat, text: "text", mentions: named };
      expect((await socket.request(frame)).data.mentions).toEqual([bob.user.id]);
      socket.close();
      const edit = { ...placeOf(sent), text: "text", mentions: [former.user.id, outsider.user.id] };
      expect(await transport.edit(alice, edit)).toMatchObject({ mentions: [former.user.id] });
      expect(await transport.edit(alice, { ...placeOf(sent), text: "text" })).toMatchObject({ mentions: [] });
    });

    test("sends, edits and deletions at the same time: each version is told of once, in its order", async () => {
      const socket = await follow(bob);
      const { version: before } = await send(bob, "before");
      const work = [alice, bob].flatMap((person) =>
        Array.from({ length: 8 }, async (_, n) => {
          const at = placeOf(await send(person, `text ${n}`));
          await Promise.all([
            transport.edit(person, { ...at, text: `edited ${n}` }),
            transport.edit(person, { ...at, text: `edited again ${n}` }),
            ...(n % 2 === 0 ? [transport.remove(person, at)] : []),
          ]);
        }),
      );
      await Promise.all(work);
      const { version: last } = await send(bob, "last");
      await socket.next((frame) => frame.data?.version === last);
      const versions = socket.frames.flatMap(({ event, data }) =>
        (event === "new_message" || event === "message_changed") && data.version > before
          ? [data.version]
          : [],
      );
      expect(versions).toEqual(Array.from({ length: last - before }, (_, n) => before + n + 1));
      socket.close();
    });
  },
);
