import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createServer } from "node:net";
import { connected, connectNode, message, reached, type BusNode } from "../../../tests/bus-node.ts";
import { startNats } from "../../../tests/nats.ts";
import { startTcpProxy } from "../../../tests/tcp-proxy.ts";
import { until } from "../../../tests/until.ts";

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

describe("when NATS is away", () => {
  test("a node starts without it, and is connected when it comes", async () => {
    await using nats = await startNats({ isDown: true });
    const [first, second] = [connect(nats.url), connect(nats.url)];
    second.bus.follow("a");
    first.bus.publish("a", message(1));
    first.bus.broadcast(message(2));
    await until(() => first.seen.attempts > 10);
    expect(first.bus.isConnected).toBe(false);
    await nats.start();
    await connected(first, second);
    first.bus.publish("a", message(3));
    await reached(first.bus, second.heard);
    expect(second.heard).toEqual([message(3)]);
    expect(second.seen.restorations).toBe(1);
    expect(first.lines.map(({ level, msg }) => [level, msg])).toEqual([
      ["warn", "waiting for the bus"],
      ["info", "bus connected"],
    ]);
  });

  test("a kill, more than ten attempts and a start later everything is heard as before", async () => {
    await using nats = await startNats();
    // More than a new connection asks for in one turn.
    const chats = 1200;
    const [first, second] = [connect(nats.url), connect(nats.url)];
    for (let n = 0; n < chats; n++) second.bus.follow(`chat-${n}`);
    await connected(first, second);
    await nats.kill();
    await until(() => !first.bus.isConnected && !second.bus.isConnected);
    Bun.gc(true);
    const before = process.memoryUsage().rss;
    const frame = "x".repeat(1000);
    await until(() => {
      for (let n = 0; n < 5000; n++) first.bus.publish(`chat-${n}`, { head: { n }, frame });
      return first.seen.attempts > 12 && second.seen.attempts > 12;
    });
    Bun.gc(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 2 ** 20);
    await nats.start();
    let late = 0;
    while (!second.bus.isConnected) {
      second.bus.follow(`late-${late++}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await connected(first);
    for (let n = 0; n < chats; n++) first.bus.publish(`chat-${n}`, message(n));
    for (let n = 0; n < late; n++) first.bus.publish(`late-${n}`, message(n));
    await reached(first.bus, second.heard);
    const whole = (length: number) => Array.from({ length }, (_, n) => message(n));
    expect(second.heard).toEqual([...whole(chats), ...whole(late)]);
    expect([first.seen.restorations, second.seen.restorations]).toEqual([2, 2]);
    expect(second.lines.map(({ msg }) => msg)).toEqual([
      "bus connected",
      "bus lost",
      "waiting for the bus",
      "bus connected",
    ]);
  });

  test.each([1, 200_000])("a hole is noticed, with %d bytes on their way into it", async (bytes) => {
    await using nats = await startNats();
    await using proxy = await startTcpProxy(nats.port);
    const node = connect(`nats://127.0.0.1:${proxy.port}`, { pingIntervalMs: 300 });
    await connected(node);
    proxy.become("hole");
    const startedAt = performance.now();
    for (let n = 0; n < 30; n++) node.bus.publish("a", { head: { n }, frame: "x".repeat(bytes) });
    await until(() => !node.bus.isConnected);
    // Three pings' time, and the bound is four: with the pings of every day, 20 s.
    expect(performance.now() - startedAt).toBeLessThan(4 * 300 + 200);
    proxy.become("pass");
    await connected(node);
    expect(node.seen.restorations).toBe(2);
  });

  test("a node whose connection alone was cut comes back and tells, and the others do not", async () => {
    await using nats = await startNats();
    await using proxy = await startTcpProxy(nats.port);
    const [first, second] = [connect(nats.url), connect(`nats://127.0.0.1:${proxy.port}`)];
    second.bus.follow("a");
    await connected(first, second);
    proxy.become("hang up");
    await until(() => second.lines.some(({ msg }) => msg === "bus lost"));
    proxy.become("pass");
    await until(() => second.seen.restorations === 2);
    first.bus.publish("a", message(1));
    await reached(first.bus, second.heard);
    expect(second.heard).toEqual([message(1)]);
    expect(first.seen.restorations).toBe(1);
  });
});

describe("a server that does not let us in", () => {
  const settings = 'authorization { user: "windi", password: "p@ss: word/1" }';
  const password = encodeURIComponent("p@ss: word/1");

  test("is told with its reason and without our password, and asked again", async () => {
    await using nats = await startNats({ settings });
    const node = connect(`nats://windi:wrong-secret@127.0.0.1:${nats.port}`);
    await until(() => node.seen.attempts > 3);
    expect(node.lines).toHaveLength(1);
    expect(node.lines[0]).toMatchObject({
      msg: "waiting for the bus",
      err: { message: "Authorization Violation" },
    });
    expect(JSON.stringify(node.lines)).not.toContain("wrong-secret");
  });

  test("lets us in with the right password, which no log line has", async () => {
    await using nats = await startNats({ settings });
    const node = connect(`nats://windi:${password}@127.0.0.1:${nats.port}`);
    await connected(node);
    expect(node.lines).toMatchObject([{ msg: "bus connected", server: `127.0.0.1:${nats.port}` }]);
    expect(JSON.stringify(node.lines)).not.toContain("word/1");
  });

  test("lets us in with a token", async () => {
    await using nats = await startNats({ settings: 'authorization { token: "a-token" }' });
    const node = connect(`nats://a-token@127.0.0.1:${nats.port}`);
    await connected(node);
    expect(node.bus.isConnected).toBe(true);
  });

  test("and may not hear a subject, is told as refused", async () => {
    const restricted = `authorization { users: [{ user: a, password: b, permissions: { subscribe: "windi.all" } }] }`;
    await using nats = await startNats({ settings: restricted });
    const node = connect(`nats://a:b@127.0.0.1:${nats.port}`);
    node.bus.follow("a");
    await until(() => node.lines.some(({ msg }) => msg === "bus refused"));
    expect(node.bus.isConnected).toBe(true);
  });
});

describe("of several addresses", () => {
  test("the first that speaks is taken", async () => {
    await using nats = await startNats();
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const node = connect(`nats://127.0.0.1:${port},nats://127.0.0.1:1,nats://127.0.0.1:${nats.port}`);
    await connected(node);
    expect(node.lines).toMatchObject([{ msg: "bus connected", server: `127.0.0.1:${nats.port}` }]);
    silent.close();
  });
});
