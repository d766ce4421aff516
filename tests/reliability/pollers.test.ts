import { expect, setDefaultTimeout, test } from "bun:test";
import type { GroupInfo, MessageInfo, SyncAnswer } from "@windi/protocol";
import { signIn, startNodes, type Person } from "../harness.ts";
import { createRandom } from "../random.ts";
import { delayCommits } from "./late-commits.ts";
import { takeSeed } from "./seed.ts";
import { expectWhole, readWholeLog } from "./whole-log.ts";

setDefaultTimeout(90_000);

const writers = 8;
const each = 18;

/** Asks for what is behind its position, again and again until `isOver`, and once more then. */
async function poll(isOver: () => boolean, ask: () => Promise<void>): Promise<void> {
  for (let isLast = false; ;) {
    await ask();
    if (isLast) return;
    isLast = isOver();
  }
}

/** The whole log, page by page, as it grows. */
function readPages(person: Person, chatId: string, isOver: () => boolean) {
  const pages: MessageInfo[] = [];
  const reading = poll(isOver, async () => {
    const position = pages.at(-1)?.seq ?? 0;
    const path = `/messages/history/${chatId}?after_seq=${position}&limit=100`;
    const { status, body } = await person.call<MessageInfo[]>("GET", path);
    expect(status).toBe(200);
    // Nothing comes in below what was told before, and nothing is left out.
    expect(body.map(({ seq }) => seq)).toEqual(body.map((_, n) => position + 1 + n));
    pages.push(...body);
  });
  return reading.then(() => pages);
}

/** Every change, as the versions go up. */
function readChanges(person: Person, chatId: string, isOver: () => boolean) {
  const known = new Map<number, MessageInfo>();
  let position = { chat_id: chatId, seq: 0, version: 0 };
  const reading = poll(isOver, async () => {
    const { status, body } = await person.call<SyncAnswer>("POST", "/sync", { chats: [position] });
    expect(status).toBe(200);
    const [answer] = body.chats;
    if (answer?.outcome !== "changes") throw new Error(answer?.outcome);
    for (const message of answer.messages) {
      expect(message.version).toBeGreaterThan(position.version);
      expect(message.version).toBeLessThanOrEqual(answer.version);
      known.set(message.seq, message);
    }
    expect(answer.version).toBeGreaterThanOrEqual(position.version);
    position = { chat_id: chatId, seq: answer.seq, version: answer.version };
  });
  return reading.then(() => [...known.values()].toSorted((a, b) => a.seq - b.seq));
}

test("whoever asks for what is new is never passed by a message or a change that was committed late", async () => {
  const random = createRandom(takeSeed());
  await using nodes = await startNodes();
  const [one, other] = nodes.servers;
  await delayCommits(one.environment["DATABASE_URL"] ?? "");
  const alice = await one.person("Alice");
  const both = [alice, await signIn(other.url, alice.user, alice.password)] as const;
  const { id: chatId } = (await alice.call<GroupInfo>("POST", "/groups", { title: "Late" })).body;

  let isOver = false;
  const over = () => isOver;
  const pollers = both.flatMap((person) => [0, 1].map(() => readPages(person, chatId, over)));
  const followers = both.flatMap((person) => [0, 1].map(() => readChanges(person, chatId, over)));
  const writing = Array.from({ length: writers }, async (_, writer) => {
    const own: MessageInfo[] = [];
    for (let n = 0; n < each; n++) {
      const person = both[random.below(2)] ?? alice;
      const earlier = random.below(4) === 0 ? random.one(own) : undefined;
      const body = { text: `${writer} ${n}` };
      const { status } = await (earlier
        ? person.call("PATCH", `/chats/${chatId}/messages/${earlier.id}`, body)
        : person.call<MessageInfo>("POST", `/chats/${chatId}/messages`, body).then((answer) => {
            own.push(answer.body);
            return answer;
          }));
      expect(status).toBe(earlier ? 200 : 201);
    }
  });
  await Promise.all(writing);
  isOver = true;

  const log = await readWholeLog(one.url, alice.token, chatId);
  expectWhole(log);
  const places = log.map(({ id, seq }) => ({ id, seq }));
  for (const pages of await Promise.all(pollers))
    expect(pages.map(({ id, seq }) => ({ id, seq }))).toEqual(places);
  for (const known of await Promise.all(followers)) expect(known).toEqual(log);
});
