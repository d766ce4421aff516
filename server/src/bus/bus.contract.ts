// What every bus must do, as tests that each adapter runs.
import { afterEach, describe, expect, test } from "bun:test";
import type { Bus, BusMessage } from "./bus.ts";

interface BusWire {
  connect(): Bus | Promise<Bus>;
  /** Resolves when what was published so far has arrived. */
  settle(): Promise<void>;
}

export function busContract(name: string, createWire: () => BusWire | Promise<BusWire>): void {
  describe(name, () => {
    const open: Bus[] = [];
    afterEach(async () => {
      await Promise.all(open.splice(0).map((bus) => bus[Symbol.asyncDispose]()));
    });

    async function nodes(count: number) {
      const wire = await createWire();
      const made = [];
      for (let i = 0; i < count; i++) {
        const bus = await wire.connect();
        const heard: BusMessage[] = [];
        bus.listen((message) => heard.push(message));
        open.push(bus);
        made.push({ bus, heard });
      }
      return { wire, made };
    }

    const frame = (n: number): BusMessage => ({ kind: "frame", chatId: "c", frame: `{"n":${n}}` });

    test("a message reaches every other node and not its sender", async () => {
      const { wire, made } = await nodes(3);
      made[0]?.bus.publish(frame(1));
      await wire.settle();
      expect(made.map((node) => node.heard)).toEqual([[], [frame(1)], [frame(1)]]);
    });

    test("one node's messages arrive in their order", async () => {
      const { wire, made } = await nodes(2);
      const sent = Array.from({ length: 200 }, (_, n) => frame(n));
      for (const message of sent) made[0]?.bus.publish(message);
      await wire.settle();
      expect(made[1]?.heard).toEqual(sent);
    });

    test("every kind of message arrives as it was sent", async () => {
      const { wire, made } = await nodes(2);
      const messages: BusMessage[] = [
        { kind: "frame", chatId: "c", frame: '{"text":"привет \u{1F44B}"}', exceptUserId: "u" },
        { kind: "revoke", chatId: "c", userIds: ["u", "v"] },
      ];
      for (const message of messages) made[0]?.bus.publish(message);
      await wire.settle();
      expect(made[1]?.heard).toEqual(messages);
    });

    test("a node that is gone hears nothing, and the others go on", async () => {
      const { wire, made } = await nodes(3);
      await made[1]?.bus[Symbol.asyncDispose]();
      made[0]?.bus.publish(frame(1));
      await wire.settle();
      expect(made[1]?.heard).toEqual([]);
      expect(made[2]?.heard).toEqual([frame(1)]);
    });
  });
}
