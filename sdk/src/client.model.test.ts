import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createRandom } from "../../tests/random.ts";
import type { Change } from "./change-stream.ts";
import type { Client } from "./client.ts";
import type { MessageInfo, Position, UserInfo } from "./contract.ts";
import type { FakeChat } from "./fake-chat.ts";
import { createFakeCache } from "./fake-cache.ts";
import { noFaults } from "./fake-faults.ts";
import { createFakeWorld, textsOf } from "./fake-world.ts";
import { createMemoryStorage } from "./outbox-storage.ts";

const step = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant("send" as const) },
    { weight: 6, arbitrary: fc.constant("other" as const) },
    { weight: 3, arbitrary: fc.constant("edit" as const) },
    { weight: 2, arbitrary: fc.constant("remove" as const) },
    { weight: 1, arbitrary: fc.constantFrom("rename" as const, "burst" as const, "read" as const) },
    { weight: 2, arbitrary: fc.constantFrom("mark" as const, "pin" as const, "draft" as const) },
    { weight: 2, arbitrary: fc.constantFrom("cut" as const, "freeze" as const, "outage" as const) },
    { weight: 1, arbitrary: fc.constantFrom("program" as const, "join" as const) },
    { weight: 2, arbitrary: fc.constantFrom("older" as const, "newer" as const, "trim" as const) },
  ),
  /** Which of two devices, which chat, which message. */
  device: fc.nat(1),
  chat: fc.nat(1),
  pick: fc.nat(1000),
  thenMs: fc.constantFrom(0, 0, 1, 2, 5, 50, 400, 3000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A program that acts on every change, and stores how far it has come. */
function createBot(current: () => Client) {
  const positions = new Map<string, Position>();
  const told = new Map<string, Change[]>();
  let isFirst = true;
  return {
    positions,
    told,
    async run(): Promise<void> {
      const client = current();
      const from = isFirst ? undefined : [...positions.values()];
      isFirst = false;
      for await (const change of client.changes(from ? { from } : {})) {
        if (client !== current()) return;
        told.set(change.chatId, [...(told.get(change.chatId) ?? []), change]);
        positions.set(change.chatId, change.position);
      }
    },
  };
}

function createWorld(seed: number, slowness: number) {
  const chance = createRandom(seed);
  const random = () => chance.below(1_000_000) / 1_000_000;
  const slow = { callMs: 100 * slowness, socketMs: 20 * slowness };
  const faults = { drop: 0.1, duplicate: 0.1, jitterMs: 500, lostCall: 0.1, ...slow };
  const world = createFakeWorld({ random, faults });
  const chats = ["a", "b"].map((name) => world.server.chat(name, [world.alice, world.bob]));
  const written = new Map<string, string[]>();

  const start = (person: UserInfo, storage = createMemoryStorage(), kept = createFakeCache()) => {
    const client = world.client(person, { storage, cache: kept.cache, userId: person.id });
    client.connect();
    client.chats.subscribe(({ chats: list }) => {
      const unread = list.reduce((sum, { unread_count }) => sum + unread_count, 0);
      expect(client.chats.totals.get().unread).toBe(unread);
    });
    void client.chats.loadMore().catch(() => {});
    return { client, person, storage, kept, logs: new Map(chats.map(({ id }) => [id, open(client, id)])) };
  };
  const devices = [start(world.alice), start(world.alice)];
  let program = world.client(world.bob);
  const bot = createBot(() => program);
  program.connect();
  void bot.run();

  function open(client: Client, chatId: string) {
    const log = client.chatLog(chatId);
    log.subscribe(({ messages, pending }) => {
      const seqs = messages.map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
      const keys = new Set(messages.map(({ idempotency_key }) => idempotency_key));
      expect(pending.filter(({ key }) => keys.has(key))).toEqual([]);
    });
    return log;
  }

  const anyOf = (chat: FakeChat, pick: number) => 1 + (pick % Math.max(1, chat.messages().length));

  async function act({ what, device: index, chat: chatIndex, pick, thenMs }: Step): Promise<void> {
    const device = devices[index];
    const chat = chats[chatIndex];
    if (!device || !chat) throw new Error("No such device or chat");
    const { server, bob, alice, clock } = world;
    switch (what) {
      case "send": {
        const lane = `${index} ${chat.id}`;
        const text = `${lane} ${written.get(lane)?.length ?? 0}`;
        written.set(lane, [...(written.get(lane) ?? []), text]);
        device.client.outbox.send(chat.id, text);
        break;
      }
      case "other":
        server.send(bob, chat, "Bob's", null);
        break;
      case "burst":
        for (let count = 0; count < 30; count++) server.send(bob, chat, "Bob's, of many", null);
        break;
      case "edit":
        server.edit(chat, anyOf(chat, pick), `edited ${pick}`);
        break;
      case "remove":
        server.remove(chat, anyOf(chat, pick));
        break;
      case "rename":
        server.rename(chat, `Title ${pick}`);
        break;
      case "read":
        device.client.chats.markRead(chat.id);
        break;
      case "mark":
        if (chat.messages().length > 0)
          server.set(chat, alice, { unread_from: pick % 3 === 0 ? null : anyOf(chat, pick) });
        break;
      case "pin":
        server.set(chat, alice, { is_pinned: pick % 2 === 0 });
        break;
      case "draft":
        server.write(chat, alice, pick % 3 === 0 ? "" : `draft ${pick}`);
        break;
      case "older":
        void device.logs.get(chat.id)?.loadOlder();
        break;
      case "newer":
        void device.logs.get(chat.id)?.loadNewer();
        break;
      case "trim":
        device.logs.get(chat.id)?.trim({ first: pick % 40, last: (pick % 40) + 20 });
        break;
      case "cut":
      case "freeze":
        for (const socket of [...server.sockets.open].slice(0, 1 + (pick % 3))) socket[what]();
        break;
      case "outage":
        server.sockets.control.isDown = true;
        for (const socket of [...server.sockets.open]) socket.cut(pick % 2 === 0 ? 4012 : 1006);
        clock.later(2000, () => (server.sockets.control.isDown = false));
        break;
      case "join":
        if (chats.length < 4) chats.push(server.chat(`joined-${chats.length}`, [alice, bob]));
        break;
      case "program":
        if (pick % 2 === 0) {
          device.client.close();
          devices[index] = start(device.person, device.storage, device.kept);
        } else {
          program.close();
          program = world.client(bob);
          program.connect();
          void bot.run();
        }
    }
    await clock.advance(thenMs);
    // The check that every server runs now and then.
    if (pick % 10 === 0) server.hintPositions();
  }

  return { ...world, faults, chats, devices, written, bot, act, program: () => program };
}

/** What both must agree on; reading is not versioned, and heard only by those who look. */
const essence = (messages: readonly MessageInfo[]) =>
  messages.map(({ seq, version, text, idempotency_key }) => [seq, version, text, idempotency_key]);

describe("whatever is lost, doubled, late or cut", () => {
  test("every client ends with the server's log, and every message is sent once and in order", async () => {
    const manySteps = fc.array(step, { minLength: 5, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(manySteps, fc.nat(), fc.nat(5), async (steps, seed, slowness) => {
        const world = createWorld(seed, slowness);
        for (const each of steps) await world.act(each);

        Object.assign(world.faults, noFaults);
        await world.clock.advance(100_000);
        world.server.hintPositions();
        await world.clock.advance(5000);

        for (const { client, logs, person, kept } of world.devices) {
          expect(client.connection.get().phase).toBe("subscribed");
          expect(client.outbox.get().entries).toEqual([]);
          for (const [chatId, log] of logs) {
            const stored = world.server.chats.get(chatId)?.messages() ?? [];
            for (let page = 0; page < stored.length && !log.get().isAtEnd; page += 50) {
              void log.loadNewer();
              await world.clock.advance(10);
            }
            const { status, messages, isAtEnd, isFromCache } = log.get();
            expect({ status, isAtEnd, isFromCache }).toEqual({
              status: "ready",
              isAtEnd: true,
              isFromCache: false,
            });
            expect(essence(messages)).toEqual(essence(stored.slice((messages[0]?.seq ?? 1) - 1)));
            expect(messages.length).toBeGreaterThanOrEqual(Math.min(1, stored.length));
          }
          for (const [chatId, { messages, position }] of kept.control.logs) {
            const chat = world.server.chats.get(chatId);
            if (position.version === chat?.position().version)
              expect(essence(messages)).toEqual(essence(chat.messages().slice(-messages.length)));
          }
          for (const chat of world.chats) {
            const { last_message: _, ...summary } = chat.summaryFor(person.id);
            expect(client.chats.find(chat.id)).toMatchObject(summary);
          }
        }
        for (const [lane, texts] of world.written) {
          const chat = world.server.chats.get(lane.split(" ")[1] ?? "");
          const keys = new Set(chat?.messages().map(({ idempotency_key }) => idempotency_key));
          expect(keys.size).toBe(new Set(keys).size);
          const found = textsOf(chat?.messages() ?? []).filter((text) => text.startsWith(`${lane} `));
          const gone = (text: string) => !found.includes(text);
          expect(found).toEqual(texts.filter((text) => !gone(text)));
          const changed = (chat?.messages() ?? []).filter(
            ({ edited_at, deleted_at }) => edited_at ?? deleted_at,
          );
          expect(texts.filter(gone).length).toBeLessThanOrEqual(changed.length);
        }
        for (const chat of world.chats) {
          const [first, ...changes] = world.bot.told.get(chat.id) ?? [];
          expect(first?.kind).toBe("following");
          const start = first?.position.seq ?? 0;
          const told = changes.flatMap((change) =>
            change.kind === "sent" || change.kind === "deleted" ? [change.message.seq] : [],
          );
          const seqs = [...new Set(told)].filter((seq) => seq > start);
          const all = chat.messages().map(({ seq }) => seq);
          expect(seqs.toSorted((a, b) => a - b)).toEqual(all.slice(start));
        }
        for (const { client } of world.devices) client.close();
        world.program().close();
      }),
      { numRuns: Number(process.env["WINDI_RUNS"] ?? 60) },
    );
  }, 60_000);
});
