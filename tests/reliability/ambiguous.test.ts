import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ChatInfo, MessageInfo } from "@windi/protocol";
import { signIn, startNodes, startServer, type DatabaseKind, type Person } from "../harness.ts";
import { createRandom } from "../random.ts";
import { startLossyNetwork } from "./lossy-network.ts";
import { takeSeed } from "./seed.ts";
import { expectWhole, readWholeLog } from "./whole-log.ts";

setDefaultTimeout(90_000);

const senders = 8;
const each = 25;
/** A sender gives up after so many attempts: one of a million sends would come so far. */
const maxAttempts = 12;

const newChat = async (alice: Person, bob: Person): Promise<string> =>
  (await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id })).body.id;

/** Sends over connections of which each takes one request, with the same key until there is an answer. */
async function sendUntilAnswered(url: string, { token }: Person, chatId: string, key: string) {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    try {
      const response = await fetch(`${url}/chats/${chatId}/messages`, {
        method: "POST",
        keepalive: false,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          connection: "close",
        },
        body: JSON.stringify({ text: `text of ${key}`, idempotency_key: key }),
      });
      const message = (await response.json()) as MessageInfo;
      if (response.status === 201) return { attempt, message };
    } catch {
      // Nobody knows what became of it: again, with the same key.
    }
  }
  throw new Error(`${key} was not answered ${maxAttempts} times`);
}

describe.each<DatabaseKind>(["embedded", "server"])("on the %s database", (database) => {
  test("a send whose answer is lost, or that arrives twice, is one message, whatever is repeated", async () => {
    const random = createRandom(takeSeed());
    await using server = await startServer({ database });
    await using network = await startLossyNetwork(server.url, random);
    const [alice, bob] = [await server.person("Alice"), await server.person("Bob")];
    const chatId = await newChat(alice, bob);

    const talks = Array.from({ length: senders }, async (_, sender) => {
      const answers = [];
      for (let n = 0; n < each; n++) {
        const person = sender % 2 === 0 ? alice : bob;
        answers.push(await sendUntilAnswered(network.url, person, chatId, `${sender}-${n}`));
      }
      return answers;
    });
    const answers = (await Promise.all(talks)).flat();
    expect(network.counts.lost).toBeGreaterThan(0);
    expect(network.counts.twice).toBeGreaterThan(0);
    expect(answers.some(({ attempt }) => attempt > 1)).toBe(true);

    const log = await readWholeLog(server.url, alice.token, chatId);
    expectWhole(log, senders * each);
    for (const { message } of answers) expect(log[message.seq - 1]).toEqual(message);
    // Once more, long after: the same answer, and nothing new.
    const again = await sendUntilAnswered(server.url, alice, chatId, "0-0");
    expect(again.message).toEqual(log.find((message) => message.idempotency_key === "0-0") as MessageInfo);
    expect(await readWholeLog(server.url, alice.token, chatId)).toEqual(log);
  });
});

test("one key that comes at once over sockets and calls of two nodes is one message for all of them", async () => {
  await using nodes = await startNodes();
  const [one, other] = nodes.servers;
  const [alice, bob] = [await one.person("Alice"), await one.person("Bob")];
  const elsewhere = await signIn(other.url, alice.user, alice.password);
  const chatId = await newChat(alice, bob);
  const sockets = [await alice.connect(chatId), await elsewhere.connect(chatId)];

  for (let n = 0; n < 25; n++) {
    const send = { text: `text ${n}`, idempotency_key: `key ${n}` };
    const results = await Promise.all([
      ...sockets.map(async (socket) => {
        const { data } = await socket.request({ action: "send_message", chat_id: chatId, ...send });
        return data as MessageInfo;
      }),
      ...[alice, elsewhere].map(
        async (person) => (await person.call<MessageInfo>("POST", `/chats/${chatId}/messages`, send)).body,
      ),
    ]);
    const [first] = results;
    expect(first?.seq).toBe(n + 1);
    for (const message of results) expect(message).toEqual(first as MessageInfo);
  }
  expectWhole(await readWholeLog(one.url, alice.token, chatId), 25);
  for (const socket of sockets) socket.close();
});
