import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { ConnectionError, isApiError, type Change, type Client } from "@windi/sdk";
import { startServer, type Person, type TestServer } from "../harness.ts";
import { clientOf, connectedClient, when } from "./signed-in.ts";

let server: TestServer;
let anna: Person;
let boris: Person;
let groupId: string;
const clients: Client[] = [];

beforeAll(async () => {
  server = await startServer();
  [anna, boris] = await Promise.all([server.person("Anna"), server.person("Boris")]);
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

const connected = async (person: Person): Promise<Client> => {
  const client = await connectedClient(server.url, person);
  clients.push(client);
  return client;
};

async function createGroup(): Promise<void> {
  const client = clientOf(server.url, anna);
  const group = await client.call("createGroup", { body: { title: "Walks", member_ids: [boris.user.id] } });
  groupId = group.id;
}

const texts = (messages: readonly { text: string }[]) => messages.map(({ text }) => text);

describe("a call", () => {
  test("is answered as the contract says", async () => {
    const client = clientOf(server.url, anna);
    expect(await client.call("getMe")).toMatchObject({ id: anna.user.id, name: "Anna" });
    expect(client.userId()).toBe(anna.user.id);
    const group = await client.call("createGroup", { body: { title: "Walks" } });
    const params = { group_id: group.id };
    expect(await client.call("renameGroup", { params, body: { title: "Runs" } })).toMatchObject({
      title: "Runs",
    });
    expect(await client.call("deleteGroup", { params })).toBeUndefined();
  });

  test("that is refused fails with the code", async () => {
    const client = clientOf(server.url, anna);
    const refused = client.call("createChat", { body: { user_id: anna.user.id } });
    const error: unknown = await refused.catch((reason: unknown) => reason);
    expect(isApiError(error, "chat_with_self")).toBe(true);
    expect(error).toMatchObject({ status: 400, retryable: false });
    const invalid = await client
      .call("createGroup", { body: { title: "" } })
      .catch((reason: unknown) => reason);
    if (!isApiError(invalid, "invalid_request")) throw invalid;
    expect(invalid.fields[0]?.loc).toEqual(["body", "title"]);
  });

  test("to a server that is not there fails as a connection", async () => {
    const client = clientOf("http://127.0.0.1:1", anna);
    const error = await client.call("getMe").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionError);
  });
});

describe("two people", () => {
  test("hear each other's messages, edits and deletions in their logs", async () => {
    await createGroup();
    const [one, other] = await Promise.all([connected(anna), connected(boris)]);
    const [mine, theirs] = [one.chatLog(groupId), other.chatLog(groupId)];
    mine.subscribe(() => {});
    theirs.subscribe(() => {});
    for (const text of ["1", "2", "3"]) one.outbox.send(groupId, text);
    const { messages } = await when(theirs, (state) => state.messages.length === 3);
    expect(texts(messages)).toEqual(["1", "2", "3"]);
    const [first, second] = messages;
    const params = (message = first) => ({ chat_id: groupId, message_id: message?.id ?? "" });
    await one.call("editMessage", { params: params(), body: { text: "one" } });
    await one.call("deleteMessage", { params: params(second) });
    for (const log of [mine, theirs]) {
      const state = await when(log, (value) => texts(value.messages).join() === "one,,3");
      expect(state).toMatchObject({ status: "ready", pending: [], isAtStart: true, isAtEnd: true });
    }
  });

  test("see who reads, who types and who is online", async () => {
    await createGroup();
    const [one, other] = await Promise.all([connected(anna), connected(boris)]);
    const log = one.chatLog(groupId);
    log.subscribe(() => {});
    one.look(groupId);
    other.look(groupId);
    await when(one.presence(groupId), ({ users }) => users.get(boris.user.id)?.isOnline === true);
    one.outbox.send(groupId, "Are you there?");
    void other.chats.loadMore();
    const list = await when(other.chats, ({ chats }) =>
      chats.some(({ id, seq }) => id === groupId && seq === 1),
    );
    expect(list.chats[0]).toMatchObject({ id: groupId, unread_count: 1 });
    other.sendTyping(groupId);
    await when(one.typing(groupId), ({ users }) => users.some(({ userName }) => userName === "Boris"));
    other.chats.markRead(groupId);
    await when(log, ({ messages }) => messages[0]?.is_read === true);
    expect(other.chats.find(groupId)).toMatchObject({ unread_count: 0, read_seq: 1 });
  });

  test("hear of groups that they come into and are taken out of", async () => {
    const [one, other] = await Promise.all([connected(anna), connected(boris)]);
    await other.chats.loadMore();
    await createGroup();
    await when(other.chats, ({ chats }) => chats.some(({ id }) => id === groupId));
    const log = other.chatLog(groupId);
    await when(log, ({ status }) => status === "ready");
    await one.call("removeMembers", { params: { group_id: groupId }, body: { user_ids: [boris.user.id] } });
    await when(log, ({ status }) => status === "gone");
    await when(other.chats, ({ chats }) => !chats.some(({ id }) => id === groupId));
    other.outbox.send(groupId, "Too late");
    const { entries } = await when(other.outbox, (state) => state.entries.at(-1)?.state === "refused");
    expect(entries.at(-1)).toMatchObject({ error: { code: "chat_not_found" } });
  });
});

describe("a program", () => {
  test("goes on where it was, and is told of everything meanwhile", async () => {
    await createGroup();
    const one = await connected(anna);
    const bot = await connected(boris);
    const told: Change[] = [];
    for await (const change of bot.chatLog(groupId).changes()) {
      told.push(change);
      if (change.kind === "following") one.outbox.send(groupId, "1");
      if (change.kind === "sent") break;
    }
    bot.close();
    const from = told.at(-1)?.position;
    if (!from) throw new Error("Nothing was told");
    for (const text of ["2", "3"]) one.outbox.send(groupId, text);
    await when(one.outbox, ({ entries }) => entries.length === 0);
    const again = await connected(boris);
    for await (const change of again.changes({ from: [from] })) {
      if (change.chatId !== groupId) continue;
      told.push(change);
      if (change.kind === "sent" && change.message.text === "3") break;
    }
    expect(told.map(({ kind }) => kind)).toEqual(["following", "sent", "sent", "sent"]);
    const sent = told.flatMap((change) => (change.kind === "sent" ? [change.message] : []));
    expect(texts(sent)).toEqual(["1", "2", "3"]);
  });

  test("that never connects sends by calls", async () => {
    await createGroup();
    const client = clientOf(server.url, anna);
    client.outbox.send(groupId, "By a call");
    await when(client.outbox, ({ entries }) => entries.length === 0);
    const history = await client.call("getHistory", { params: { chat_id: groupId } });
    expect(texts(history)).toEqual(["By a call"]);
  });
});
