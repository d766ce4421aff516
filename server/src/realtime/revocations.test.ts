import { describe, expect, test } from "bun:test";
import { createMemoryWire } from "../bus/bus-memory.ts";
import type { Connection } from "./connection.ts";
import type { NodeMessage } from "./node-message.ts";
import { createRevocations } from "./revocations.ts";

const turns = () => new Promise((resolve) => setImmediate(resolve));

/** Two nodes with one device each of a person who is taken out. */
function createNodes() {
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
          return { cut: [connection], end: () => log.push("end") };
        },
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

const out = '{"event":"chat_removed","chat_id":"c"}';

describe("taking people out", () => {
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

  test("one that nobody told of is found out, and told", () => {
    const { here } = createNodes();
    here.revocations.settle("c", ["alice"]);
    expect(here.log).toEqual(["cut", "end", out]);
  });
});
