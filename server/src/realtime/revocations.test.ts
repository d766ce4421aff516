import { describe, expect, test } from "bun:test";
import { createMemoryWire } from "../bus/bus-memory.ts";
import { encodeMessage } from "../bus/encoding.ts";
import type { Connection } from "./connection.ts";
import { maxUserIds, type NodeMessage } from "./node-message.ts";
import { createRevocations } from "./revocations.ts";

const turns = () => new Promise((resolve) => setImmediate(resolve));

/** Two nodes with one device each of a person who is taken out. */
function createNodes({ hears = true } = {}) {
  const wire = createMemoryWire<NodeMessage>();
  let ids = 0;
  const nodes = [0, 1].map(() => {
    const log: string[] = [];
    const timers = new Set<() => void>();
    const connection = {
      isSubscribed: true,
      answer: (frame: object) => log.push(JSON.stringify(frame)),
      close: (reason: string) => log.push(`close ${reason}`),
    } as unknown as Connection;
    const bus = wire.connect();
    const revocations = createRevocations({
      subscriptions: {
        revoke: () => {
          log.push("cut");
          return { cut: hears ? [connection] : [], end: () => log.push("end") };
        },
        subscribed: () => [connection],
      } as never,
      bus,
      newId: () => `${++ids}`,
      after(_, call) {
        timers.add(call);
        return () => timers.delete(call);
      },
    });
    bus.listen(({ head }) => {
      if (head.kind === "revoke") revocations.hear(head);
    });
    return { revocations, log, timers };
  });
  return { wire, here: nodes[0]!, there: nodes[1]! };
}

/** What NATS takes unless it is told otherwise. */
const natsPayload = 1_048_576;
const out = '{"event":"chat_removed","chat_id":"c"}';

describe("taking people out", () => {
  test("tells also a device that did not hear the chat: its list may name it", async () => {
    const { here, there } = createNodes({ hears: false });
    here.revocations.begin("c", ["alice"]).committed();
    await turns();
    for (const { log } of [here, there]) expect(log).toEqual(["cut", "end", out]);
  });

  test("cuts them off on every node before the commit, and tells their devices after it", async () => {
    const { here, there } = createNodes();
    const revocation = here.revocations.begin("c", ["alice"]);
    await turns();
    for (const { log } of [here, there]) expect(log.splice(0)).toEqual(["cut"]);
    revocation.committed();
    await turns();
    for (const { log, timers } of [here, there]) {
      expect(log).toEqual(["end", out]);
      expect(timers).toBeEmpty();
    }
  });

  test("sends their connections away to come back when it was rolled back", async () => {
    const { here, there } = createNodes();
    here.revocations.begin("c", ["alice"]).undone();
    await turns();
    for (const { log } of [here, there]) expect(log).toEqual(["cut", "end", "close restarting"]);
  });

  test("a node that hears only of the end takes them out then", async () => {
    const { wire, here, there } = createNodes();
    wire.interrupt();
    const revocation = here.revocations.begin("c", ["alice"]);
    wire.restore();
    revocation.committed();
    await turns();
    expect(there.log).toEqual(["cut", "end", out]);
  });

  test("a node that never hears of the end lets them come back and ask", async () => {
    const { wire, here, there } = createNodes();
    const revocation = here.revocations.begin("c", ["alice"]);
    await turns();
    wire.interrupt();
    revocation.committed();
    expect(there.log).toEqual(["cut"]);
    for (const call of there.timers) call();
    expect(there.log).toEqual(["cut", "end", "close restarting"]);
  });

  test("of a group too large for one message is told in several, each of which the bus can carry", async () => {
    const { wire, here, there } = createNodes();
    const everybody = Array.from({ length: 2 * maxUserIds + 1 }, () => crypto.randomUUID());
    const heard: NodeMessage[] = [];
    const lengths: number[] = [];
    wire.connect().listen((message) => {
      heard.push(message.head);
      lengths.push(encodeMessage(message).length);
    });
    const revocation = here.revocations.begin(crypto.randomUUID(), everybody);
    await turns();
    expect(there.log).toEqual(["cut", "cut", "cut"]);
    revocation.committed();
    await turns();
    expect(there.timers).toBeEmpty();
    expect(there.log.filter((line) => line === "end")).toHaveLength(3);
    const told = (phase: string) =>
      heard.flatMap((head) => (head.kind === "revoke" && head.phase === phase ? head.userIds : []));
    for (const phase of ["begun", "committed"]) expect(told(phase)).toEqual(everybody);
    expect(Math.max(...lengths)).toBeLessThan(natsPayload / 2);
  });

  test("one that nobody told of is found out, and told", () => {
    const { here } = createNodes();
    here.revocations.settle("c", ["alice"]);
    expect(here.log).toEqual(["cut", "end", out]);
  });
});
