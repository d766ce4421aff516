import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createServer } from "node:net";
import { startNats, type NatsServer } from "../../../tests/nats.ts";
import { startTcpProxy } from "../../../tests/tcp-proxy.ts";
import { until } from "../../../tests/until.ts";
import { createLogTo } from "../telemetry.ts";
import { busContract, type BusWire, type Head } from "./bus.contract.ts";
import { connectNatsBus } from "./bus-nats.ts";
import { openNatsLink } from "./nats-link.ts";
import { parseNatsUrl } from "./nats-address.ts";
import type { Bus, BusMessage } from "./bus.ts";

// Servers are killed and started again here, on a machine that may be busy.
setDefaultTimeout(60_000);

interface LogLine {
  level: string;
  msg: string;
  server?: string;
  count?: number;
  err?: { message: string };
}

const buses: Bus<Head>[] = [];
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus[Symbol.asyncDispose]()));
});

/** A bus that tries again at once, whose clock stands still until it is told otherwise. */
function connect(url: string, { pingIntervalMs = 5000 } = {}) {
  const lines: LogLine[] = [];
  const time = { ms: 0, sweep: () => {} };
  const seen = { attempts: 0, restorations: 0 };
  const heard: BusMessage<Head>[] = [];
  const bus = connectNatsBus<Head>({
    url,
    log: createLogTo({ write: (line) => void lines.push(JSON.parse(line) as LogLine) }, "info"),
    clock: {
      now: () => time.ms,
      every: (_, call) => {
        time.sweep = call;
        return { [Symbol.dispose]: () => {} };
      },
    },
    pingIntervalMs,
    retryAfterMs(failures) {
      seen.attempts = failures;
      return 10;
    },
  });
  bus.listen((message) => heard.push(message));
  bus.onRestored(() => void seen.restorations++);
  buses.push(bus);
  const pass = (ms: number) => {
    time.ms += ms;
    time.sweep();
  };
  return { bus, heard, lines, seen, pass };
}

const message = (n: number): BusMessage<Head> => ({ head: { n }, frame: `{"n":${n}}` });
const deaf = { hear() {}, onRefusal() {}, pingIntervalMs: 5000 };
const connected = (...all: { bus: Bus<Head> }[]) => until(() => all.every(({ bus }) => bus.isConnected));

/** Resolves when the second node has heard of the first, and with it of all that the first sent before. */
async function reached(from: Bus<Head>, heard: BusMessage<Head>[]): Promise<void> {
  const n = Math.random();
  from.broadcast({ head: { n } });
  await until(() => heard.at(-1)?.head.n === n);
  heard.pop();
}

describe("over NATS", () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats[Symbol.asyncDispose]());

  busContract("the bus over NATS", (): BusWire => {
    const made: (ReturnType<typeof connect> & { isOpen: boolean; marks: Map<number, number> })[] = [];
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
