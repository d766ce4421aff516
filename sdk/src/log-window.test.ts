import { describe, expect, test } from "bun:test";
import type { MessageInfo } from "./contract.ts";
import { createFakeWorld, textsOf } from "./fake-world.ts";
import { createLogWindow } from "./log-window.ts";

async function createLong(count: number) {
  const world = createFakeWorld();
  const chat = world.server.chat("talk", [world.alice, world.bob]);
  for (let seq = 1; seq <= count; seq++) chat.send(world.bob, String(seq), null);
  const client = await world.connected(world.alice);
  const log = client.chatLog(chat.id);
  log.subscribe(() => {});
  await world.clock.advance(10);
  const seqs = () => log.get().messages.map(({ seq }) => seq);
  return { ...world, chat, log, seqs };
}

describe("a log that is trimmed", () => {
  test("drops what is outside, and says that the end is not here", async () => {
    const { log, seqs } = await createLong(100);
    log.trim({ first: 60, last: 90 });
    expect([seqs()[0], seqs().at(-1)]).toEqual([60, 90]);
    expect(log.get()).toMatchObject({ isAtStart: false, isAtEnd: false, endSeq: 100 });
    const before = log.get().messages;
    log.trim({ first: 500, last: 600 });
    log.trim({ first: 1, last: 600 });
    expect(log.get().messages).toBe(before);
  });

  test("loads again what was dropped, and follows the end again when it is there", async () => {
    const { log, seqs, clock, server, bob, chat } = await createLong(100);
    log.trim({ first: 60, last: 90 });
    server.send(bob, chat, "101", null);
    server.edit(chat, 95, "ninety-five");
    server.edit(chat, 70, "seventy");
    await clock.advance(10);
    expect(seqs().at(-1)).toBe(90);
    expect(log.get()).toMatchObject({ isAtEnd: false, endSeq: 101 });
    expect(textsOf(log.get().messages)).toContain("seventy");
    void log.loadNewer();
    void log.loadOlder();
    await clock.advance(10);
    expect([seqs()[0], seqs().at(-1)]).toEqual([10, 101]);
    expect(textsOf(log.get().messages)).toContain("ninety-five");
    server.send(bob, chat, "102", null);
    await clock.advance(10);
    expect(seqs().at(-1)).toBe(102);
  });

  test("knows the end that it has seen before the connection told of it", async () => {
    const { log, clock, server, bob, chat } = await createLong(100);
    server.road.faults.drop = 1;
    for (let seq = 101; seq <= 105; seq++) server.send(bob, chat, String(seq), null);
    void log.loadEnd();
    await clock.advance(10);
    expect(log.get()).toMatchObject({ isAtEnd: true, endSeq: 105 });
    log.trim({ first: 60, last: 100 });
    expect(log.get()).toMatchObject({ isAtEnd: false, endSeq: 105 });
  });

  test("while a page is on its way stays without holes", async () => {
    const { log, seqs, clock, server, chat } = await createLong(200);
    server.road.faults.callMs = 100;
    void log.loadOlder();
    await clock.advance(20);
    server.edit(chat, 160, "in between");
    server.edit(chat, 169, "just before");
    await clock.advance(10);
    log.trim({ first: 170, last: 190 });
    await clock.advance(200);
    expect(seqs()).toEqual(seqs().map((_, index) => (seqs()[0] ?? 0) + index));
    expect(seqs().at(-1)).toBe(190);
  });
});

test("a window takes over only what adjoins, whatever is before it", () => {
  const message = (seq: number, version = seq) => ({ seq, version, id: String(seq) }) as MessageInfo;
  const window = createLogWindow();
  window.replace([message(10), message(11)]);
  window.merge([message(3), message(9), message(9, 20)]);
  expect(window.messages().map(({ seq, version }) => [seq, version])).toEqual([
    [9, 20],
    [10, 10],
    [11, 11],
  ]);
});
