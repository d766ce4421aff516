import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { connected, connectNode, message, reached, type BusNode } from "../../../tests/bus-node.ts";
import { startNats, type NatsServer } from "../../../tests/nats.ts";
import { startTcpProxy } from "../../../tests/tcp-proxy.ts";
import { until } from "../../../tests/until.ts";
import { busContract, type BusWire, type Head } from "./bus.contract.ts";
import type { BusMessage } from "./bus.ts";
import { openNatsLink } from "./nats-link.ts";
import { parseNatsUrl } from "./nats-address.ts";

// Servers are killed and started again here, on a machine that may be busy.
setDefaultTimeout(60_000);

const nodes: BusNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ bus }) => bus[Symbol.asyncDispose]()));
});

function connect(...args: Parameters<typeof connectNode>): BusNode {
  const node = connectNode(...args);
  nodes.push(node);
  return node;
}

const deaf = { hear() {}, onRefusal() {}, pingIntervalMs: 5000 };

describe("over NATS", () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats[Symbol.asyncDispose]());

  busContract("the bus over NATS", (): BusWire => {
    const made: (BusNode & { isOpen: boolean; marks: Map<number, number> })[] = [];
    const open = () => made.filter(({ isOpen }) => isOpen);
    let settlings = 0;
    return {
      async connect() {
        const node = { ...connect(nats.url), isOpen: true, marks: new Map<number, number>() };
        const place = made.push(node);
        await connected(node);
        const listenTo = (call: (message: BusMessage<Head>) => void) =>
          node.bus.listen((one) => {
            if (one.head.kind !== "mark") call(one);
          });
        node.bus.listen(({ head }) => head.kind === "mark" && node.marks.set(head.n, settlings));
        return {
          ...node.bus,
          get isConnected() {
            return node.bus.isConnected;
          },
          listen: listenTo,
          async [Symbol.asyncDispose]() {
            made[place - 1]!.isOpen = false;
            await node.bus[Symbol.asyncDispose]();
          },
        };
      },
      // A server does what one connection asks in order: whoever has everyone's mark has all that went before it.
      async settle() {
        settlings++;
        const nodes = open();
        for (const [n, { bus }] of nodes.entries()) bus.broadcast({ head: { n, kind: "mark" } });
        const hasAll = ({ marks }: (typeof nodes)[0], own: number) =>
          nodes.every((_, n) => n === own || marks.get(n) === settlings);
        await until(() => nodes.every(hasAll));
      },
      async interrupt() {
        await nats.kill();
        await until(() => open().every(({ bus }) => !bus.isConnected));
      },
      async restore() {
        await nats.start();
        await connected(...open());
      },
      passLinger: () => open().forEach(({ pass }) => pass(60_001)),
    };
  });

  test("a chat that was left is heard for 60 s, and then no more", async () => {
    const [first, second] = [connect(nats.url), connect(nats.url)];
    second.bus.follow("a");
    await connected(first, second);
    second.bus.unfollow("a");
    for (const n of [1, 2]) {
      first.bus.publish("a", message(n));
      await reached(first.bus, second.heard);
      second.pass(30_001);
      await reached(second.bus, first.heard);
    }
    first.bus.publish("a", message(3));
    await reached(first.bus, second.heard);
    expect(second.heard).toEqual([message(1), message(2)]);
  });

  test("what is no message is ignored, and told once a minute", async () => {
    const node = connect(nats.url);
    await connected(node);
    const address = parseNatsUrl(nats.url);
    const stranger = await openNatsLink({ address, ...deaf });
    const garbage = ["", "nonsense", "null", "{", "[1]x"].map((text) => new TextEncoder().encode(text));
    for (const data of [...garbage, new Uint8Array([0xff, 0xfe, 0])]) stranger.publish("windi.all", data);
    stranger.publish("windi.all", new TextEncoder().encode('{"n":1}'));
    await until(() => node.heard.length > 0);
    expect(node.heard).toEqual([{ head: { n: 1 } }]);
    const ignored = () => node.lines.filter(({ msg }) => msg === "bus message ignored");
    expect(ignored()).toHaveLength(1);
    node.pass(60_000);
    stranger.publish("windi.all", garbage[1] ?? new Uint8Array());
    await until(() => ignored().length === 2);
    expect(ignored()[1]?.count).toBe(6);
    await stranger.close();
  });

  test("a listener that fails does not end the hearing", async () => {
    const [first, second] = [connect(nats.url), connect(nats.url)];
    second.bus.listen(() => {
      throw new Error("a listener's own");
    });
    await connected(first, second);
    first.bus.broadcast(message(1));
    await reached(first.bus, second.heard);
    first.bus.broadcast(message(2));
    await reached(first.bus, second.heard);
    expect(second.heard).toEqual([message(1), message(2)]);
    expect(second.lines.some(({ msg, err }) => msg === "fault" && err?.message === "a listener's own")).toBe(
      true,
    );
  });

  test("a message that is too large for the server is dropped, and the connection stays", async () => {
    const [first, second] = [connect(nats.url), connect(nats.url)];
    second.bus.follow("a");
    await connected(first, second);
    await reached(second.bus, first.heard);
    first.bus.publish("a", { head: { n: 1 }, frame: "x".repeat(2 ** 20) });
    first.bus.publish("a", message(2));
    await reached(first.bus, second.heard);
    expect(second.heard).toEqual([message(2)]);
    expect(first.lines.map(({ msg }) => msg)).toEqual(["bus connected", "bus message dropped"]);
  });

  test("more than the server takes in is dropped instead of kept", async () => {
    await using proxy = await startTcpProxy(nats.port);
    const node = connect(`nats://127.0.0.1:${proxy.port}`, { pingIntervalMs: 60_000 });
    await connected(node);
    proxy.become("hole");
    const frame = "x".repeat(100_000);
    Bun.gc(true);
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 5000; n++) node.bus.publish("a", { head: { n }, frame });
    Bun.gc(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
    expect(node.lines.at(-1)?.msg).toBe("bus message dropped");
  });

  test("what the server has taken in makes room for more", async () => {
    const [first, second] = [connect(nats.url), connect(nats.url)];
    await connected(first, second);
    const frame = "x".repeat(1_000_000);
    for (let round = 0; round < 10; round++) {
      for (let n = 0; n < 5; n++) first.bus.broadcast({ head: { n }, frame });
      await reached(first.bus, second.heard);
      expect(second.heard.splice(0)).toHaveLength(5);
    }
  });

  test("it ends within a second, whether connected, in a hole, or never connected", async () => {
    await using proxy = await startTcpProxy(nats.port);
    const nodes = [
      connect(nats.url),
      connect(`nats://127.0.0.1:${proxy.port}`),
      connect("nats://127.0.0.1:1"),
    ];
    await connected(...nodes.slice(0, 2));
    proxy.become("hole");
    const late = connect(`nats://127.0.0.1:${proxy.port}`);
    const startedAt = performance.now();
    await Promise.all([...nodes, late].map(({ bus }) => bus[Symbol.asyncDispose]()));
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  test("a link that has ended takes every call and does nothing", async () => {
    const address = parseNatsUrl(nats.url);
    const link = await openNatsLink({ address, ...deaf });
    await link.close();
    expect(await link.ended).toBeUndefined();
    expect(link.publish("a", new Uint8Array())).toBe(false);
    link.subscribe("a").unsubscribe();
    await link.settled();
  });

  test("what was published right before the end still arrives", async () => {
    const [first, second] = [connect(nats.url), connect(nats.url)];
    await connected(first, second);
    const frame = "x".repeat(20_000);
    for (let n = 0; n < 500; n++) first.bus.broadcast({ head: { n }, frame });
    await first.bus[Symbol.asyncDispose]();
    await until(() => second.heard.length === 500);
  });
});
