// What every bus must do, as tests that each adapter runs.
import { afterEach, describe, expect, test } from "bun:test";
import type { Bus, BusMessage } from "./bus.ts";

export interface Head {
  n: number;
  kind?: string;
}

export interface BusWire {
  connect(): Bus<Head> | Promise<Bus<Head>>;
  /** Resolves when what was published, followed and left so far is known to all. */
  settle(): Promise<void>;
  /** From now on nothing gets through; resolves when every node has noticed. */
  interrupt(): void | Promise<void>;
  /** Resolves when every node has noticed. */
  restore(): void | Promise<void>;
  /** Lets so much time pass that what was left is left for good. */
  passLinger(): void;
}

export function busContract(name: string, createWire: () => BusWire | Promise<BusWire>): void {
  describe(name, () => {
    const open: Bus<Head>[] = [];
    afterEach(async () => {
      await Promise.all(open.splice(0).map((bus) => bus[Symbol.asyncDispose]()));
    });

    /** So many nodes that follow the chats. */
    async function nodes(count: number, ...chatIds: string[]) {
      const wire = await createWire();
      const made = [];
      for (let i = 0; i < count; i++) {
        const bus = await wire.connect();
        const heard: BusMessage<Head>[] = [];
        const restorations: boolean[] = [];
        bus.listen((message) => heard.push(message));
        bus.onRestored(() => restorations.push(bus.isConnected));
        for (const chatId of chatIds) bus.follow(chatId);
        open.push(bus);
        made.push({ bus, heard, restorations });
      }
      await wire.settle();
      const [first, second, third] = made as [(typeof made)[0], (typeof made)[0], (typeof made)[0]];
      return { wire, first, second, third };
    }

    const message = (n: number): BusMessage<Head> => ({ head: { n }, frame: `{"n":${n}}` });

    test("a message reaches every other node that follows the chat, and not its sender", async () => {
      const { wire, first, second, third } = await nodes(3, "a");
      first.bus.publish("a", message(1));
      await wire.settle();
      expect([first.heard, second.heard, third.heard]).toEqual([[], [message(1)], [message(1)]]);
    });

    test("a node hears nothing of a chat that it does not follow", async () => {
      const { wire, first, second, third } = await nodes(3);
      second.bus.follow("a");
      third.bus.follow("b");
      await wire.settle();
      first.bus.publish("a", message(1));
      await wire.settle();
      expect([second.heard, third.heard]).toEqual([[message(1)], []]);
    });

    test("a broadcast reaches every other node, whatever it follows", async () => {
      const { wire, first, second, third } = await nodes(3);
      second.bus.follow("a");
      first.bus.broadcast(message(1));
      await wire.settle();
      expect([first.heard, second.heard, third.heard]).toEqual([[], [message(1)], [message(1)]]);
    });

    test("one node's messages arrive in their order, of all chats and broadcasts", async () => {
      const { wire, first, second } = await nodes(2, "a", "b");
      const sent = Array.from({ length: 300 }, (_, n) => message(n));
      for (const [n, one] of sent.entries()) {
        if (n % 3 === 2) first.bus.broadcast(one);
        else first.bus.publish(n % 3 === 0 ? "a" : "b", one);
      }
      await wire.settle();
      expect(second.heard).toEqual(sent);
    });

    test("to follow a chat twice is to follow it once", async () => {
      const { wire, first, second } = await nodes(2, "a", "a");
      first.bus.publish("a", message(1));
      await wire.settle();
      expect(second.heard).toEqual([message(1)]);
      second.bus.unfollow("a");
      wire.passLinger();
      await wire.settle();
      first.bus.publish("a", message(2));
      await wire.settle();
      expect(second.heard).toEqual([message(1)]);
    });

    test("a chat that is followed again in time is heard on, and once", async () => {
      const { wire, first, second } = await nodes(2, "a");
      second.bus.unfollow("a");
      second.bus.follow("a");
      wire.passLinger();
      await wire.settle();
      first.bus.publish("a", message(1));
      await wire.settle();
      expect(second.heard).toEqual([message(1)]);
    });

    test("a chat that was left for good can be followed again", async () => {
      const { wire, first, second } = await nodes(2, "a");
      second.bus.unfollow("a");
      wire.passLinger();
      second.bus.follow("a");
      await wire.settle();
      first.bus.publish("a", message(1));
      await wire.settle();
      expect(second.heard).toEqual([message(1)]);
    });

    test("a chat that was never followed can be left", async () => {
      const { wire, second } = await nodes(2);
      second.bus.unfollow("a");
      wire.passLinger();
      await wire.settle();
      expect(second.heard).toEqual([]);
    });

    test("heads and frames arrive as they were sent", async () => {
      const { wire, first, second } = await nodes(2, "a");
      const sent: BusMessage<Head>[] = [
        { head: { n: 1, kind: "line\nbreak “quoted”" }, frame: '{"text":"привет \u{1F44B}\\n"}' },
        { head: { n: 2 } },
        { head: { n: 3 }, frame: "" },
        { head: { n: 4 }, frame: JSON.stringify({ text: "ж\u{1F600}\n".repeat(40_000) }) },
        { head: { n: 5 }, frame: "after the large one" },
      ];
      for (const one of sent) first.bus.publish("a", one);
      await wire.settle();
      expect(second.heard).toEqual(sent);
    });

    test("a node that is gone hears nothing, and the others go on", async () => {
      const { wire, first, second, third } = await nodes(3, "a");
      await second.bus[Symbol.asyncDispose]();
      first.bus.publish("a", message(1));
      await wire.settle();
      expect(second.heard).toEqual([]);
      expect(third.heard).toEqual([message(1)]);
    });

    test("a bus that is gone takes every call and does nothing", async () => {
      const { wire, first, second } = await nodes(2, "a");
      await first.bus[Symbol.asyncDispose]();
      first.bus.publish("a", message(1));
      first.bus.broadcast(message(2));
      first.bus.follow("b");
      first.bus.unfollow("a");
      await wire.settle();
      expect(second.heard).toEqual([]);
      await first.bus[Symbol.asyncDispose]();
    });

    test("what is published while nothing gets through is lost, without a throw", async () => {
      const { wire, first, second } = await nodes(2, "a");
      await wire.interrupt();
      expect([first.bus.isConnected, second.bus.isConnected]).toEqual([false, false]);
      first.bus.publish("a", message(1));
      first.bus.broadcast(message(2));
      await wire.restore();
      await wire.settle();
      expect(second.heard).toEqual([]);
    });

    test("each restoration is told once, and then everything gets through again", async () => {
      const { wire, first, second } = await nodes(2, "a");
      const before = second.restorations.length;
      for (const round of [1, 2]) {
        await wire.interrupt();
        second.bus.follow(`followed-in-outage-${round}`);
        await wire.restore();
        await wire.settle();
        expect(second.restorations.slice(before)).toEqual(Array.from({ length: round }, () => true));
        first.bus.publish("a", message(round));
        first.bus.publish(`followed-in-outage-${round}`, message(round * 10));
        first.bus.broadcast(message(round * 100));
        await wire.settle();
        expect(second.heard.splice(0)).toEqual([message(round), message(round * 10), message(round * 100)]);
      }
    });
  });
}
