// Two people who talk over a server that may die, and what must be true of their chat afterwards.
import { expect } from "bun:test";
import type { ChatInfo, MessageInfo } from "@windi/protocol";
import { createSentences } from "../corpus/corpus.ts";
import { call, createPerson, type Person } from "./harness.ts";
import { startTalker, type Ack, type Talker } from "./talker.ts";

export interface Conversation {
  readonly talkers: readonly [Talker, Talker];
  /** Acknowledgements so far. */
  readonly ackCount: number;
  /** Resolves when `count` messages are acknowledged. */
  reached(count: number): Promise<void>;
  /** Resolves when all are. */
  readonly done: Promise<unknown>;
  /**
   * Reads the whole chat, and checks that it holds each acknowledged message once, and everything in its order.
   * @param nodes several do not hear of each other's messages in their order
   */
  verify(url: string, nodes?: "one" | "several"): Promise<MessageInfo[]>;
}

interface ConversationNeeds {
  /** The server's address at the moment. */
  url(): string;
  /** Of each of both. */
  messages: number;
  seed: number;
  window?: number;
}

export async function startConversation({
  url,
  messages,
  seed,
  window = 32,
}: ConversationNeeds): Promise<Conversation> {
  const people = [await createPerson(url(), "Alice"), await createPerson(url(), "Bob")] as const;
  const chat = await people[0].call<ChatInfo>("POST", "/chats", { user_id: people[1].user.id });
  const chatId = chat.body.id;
  const milestones = new Map<number, () => void>();
  let ackCount = 0;

  function talk(person: Person, n: number) {
    const sentences = createSentences(seed + n);
    const texts = Array.from({ length: messages }, () => sentences.next());
    const onAck = () => milestones.get(++ackCount)?.();
    return {
      texts,
      talker: startTalker({ url, token: person.token, chatId, texts, name: `${n}`, window, onAck }),
    };
  }
  const sides = [talk(people[0], 0), talk(people[1], 1)] as const;

  return {
    talkers: [sides[0].talker, sides[1].talker],
    get ackCount() {
      return ackCount;
    },
    reached(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      milestones.set(count, resolve);
      if (ackCount >= count) resolve();
      return promise;
    },
    done: Promise.all(sides.map(({ talker }) => talker.done)),
    async verify(address, nodes = "one") {
      const log = await readLog(address, people[0], chatId);
      for (const [n, { texts, talker }] of sides.entries()) {
        const own = log.filter((message) => message.sender.id === people[n]?.user.id);
        expectSent(own, texts, `${n}`);
        expectAcknowledged(own, talker.acks);
        if (nodes === "one") for (const seqs of talker.heard) expectIncreasing(seqs);
      }
      expect(log.map((message) => message.seq)).toEqual(log.map((_, place) => place + 1));
      return log;
    },
  };
}

async function readLog(url: string, reader: Person, chatId: string): Promise<MessageInfo[]> {
  const log: MessageInfo[] = [];
  for (;;) {
    const path = `/messages/history/${chatId}?limit=100&after_seq=${log.at(-1)?.seq ?? 0}`;
    const page = await call<MessageInfo[]>(url, "GET", path, { token: reader.token });
    expect(page.status).toBe(200);
    if (page.body.length === 0) return log;
    log.push(...page.body);
  }
}

/** Each key is there at most once, with the text that was sent under it. */
function expectSent(own: readonly MessageInfo[], texts: readonly string[], name: string): void {
  const places = own.map((message) => Number(message.idempotency_key?.replace(`${name}-`, "")));
  expect(new Set(places).size).toBe(places.length);
  expect(own.map((message) => message.text)).toEqual(places.map((place) => texts[place] ?? "nothing"));
}

function expectAcknowledged(own: readonly MessageInfo[], acks: readonly Ack[]): void {
  const byKey = new Map(own.map((message) => [message.idempotency_key, message]));
  for (const { key, message } of acks) {
    const { id, seq, text, created_at } = byKey.get(key) ?? {};
    expect({ key, id, seq, text, created_at }).toEqual({
      key,
      id: message.id,
      seq: message.seq,
      text: message.text,
      created_at: message.created_at,
    });
  }
  const connections = new Set(acks.map((ack) => ack.connection));
  for (const connection of connections) {
    const first = acks.filter((ack) => ack.connection === connection && !ack.isRepeated);
    expectIncreasing(first.map((ack) => ack.message.seq));
  }
}

/** The places in which one side's messages were sent, in the order in which they are stored. */
export const sentOrder = (log: readonly MessageInfo[], name: string) =>
  log
    .filter((message) => message.idempotency_key?.startsWith(`${name}-`))
    .map((message) => Number(message.idempotency_key?.slice(name.length + 1)));

function expectIncreasing(numbers: readonly number[]): void {
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
}
