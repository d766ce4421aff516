import { expect, setDefaultTimeout, test } from "bun:test";
import type { ChatPage, GroupInfo, MessageInfo, SyncAnswer } from "@windi/protocol";
import { signIn, startNodes, type Person } from "../harness.ts";
import { createRandom } from "../random.ts";
import { takeSeed } from "./seed.ts";

setDefaultTimeout(60_000);

const sessions = 6;
const rounds = 25;

/** Each way to ask how far a chat is. */
const ways: Record<string, (person: Person, chatId: string) => Promise<number>> = {
  async history(person, chatId) {
    const path = `/messages/history/${chatId}?before_seq=2147483647&limit=1`;
    return (await person.call<MessageInfo[]>("GET", path)).body.at(-1)?.seq ?? 0;
  },
  async list(person, chatId) {
    const { body } = await person.call<ChatPage>("GET", "/chats/summaries");
    return body.chats.find(({ id }) => id === chatId)?.seq ?? 0;
  },
  async changes(person, chatId) {
    const chats = [{ chat_id: chatId, seq: 0, version: 0 }];
    const [answer] = (await person.call<SyncAnswer>("POST", "/sync", { chats })).body.chats;
    return answer && "seq" in answer ? answer.seq : 0;
  },
  async positions(person, chatId) {
    const socket = await person.connect();
    const { chats } = (await socket.request({ action: "subscribe" })) as unknown as {
      chats: { chat_id: string; seq: number }[];
    };
    socket.close();
    return chats.find(({ chat_id }) => chat_id === chatId)?.seq ?? 0;
  },
};
const wayNames = Object.keys(ways);

test("whoever goes from node to node finds what they wrote, and never less than they had seen", async () => {
  const random = createRandom(takeSeed());
  await using nodes = await startNodes();
  const [one, other] = nodes.servers;
  const alice = await one.person("Alice");
  const both = [alice, await signIn(other.url, alice.user, alice.password)] as const;
  const { id: chatId } = (await alice.call<GroupInfo>("POST", "/groups", { title: "Walks" })).body;
  // Without the bus too: it is asked for nothing here.
  nodes.wire.interrupt();

  const sessionsUnderWay = Array.from({ length: sessions }, async (_, session) => {
    let seen = 0;
    for (let round = 0; round < rounds; round++) {
      const [writing, reading] = [random.below(2), random.below(2)];
      if (random.below(3) > 0) {
        const body = { text: `${session} ${round}` };
        const sent = await both[writing]?.call<MessageInfo>("POST", `/chats/${chatId}/messages`, body);
        expect(sent?.status).toBe(201);
        seen = Math.max(seen, sent?.body.seq ?? 0);
      }
      const way = random.one(wayNames) ?? "";
      const found = await ways[way]?.(both[reading] ?? alice, chatId);
      expect({ way, found, isEnough: (found ?? 0) >= seen }).toMatchObject({ isEnough: true });
      seen = Math.max(seen, found ?? 0);
    }
  });
  await Promise.all(sessionsUnderWay);
});
