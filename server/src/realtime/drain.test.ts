import { describe, expect, test } from "bun:test";
import type { Connection } from "./connection.ts";
import { createDrain } from "./drain.ts";

/** Connections that are gone as soon as they are closed, unless they hang; and a clock that only a sleep moves. */
function setUp(count: number, { hang = false } = {}) {
  const state = { at: 0 };
  const open = new Set<Connection>();
  const closes: { at: number; reason: string }[] = [];
  const frames: unknown[] = [];
  function connect(isSubscribed = false): Connection {
    const connection = {
      isSubscribed,
      answer: (frame: unknown) => void frames.push(frame),
      close(reason: string) {
        closes.push({ at: state.at, reason });
        if (!hang) open.delete(connection);
      },
    } as unknown as Connection;
    open.add(connection);
    return connection;
  }
  const connections = Array.from({ length: count }, () => connect());
  const drain = createDrain({
    all: () => open,
    now: () => state.at,
    random: () => 0.5,
    async sleep(ms) {
      state.at += ms;
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  });
  return { state, drain, connect, connections, closes, frames };
}

describe("connections are sent away", () => {
  test("at once when there is none", async () => {
    const { state, drain } = setUp(0);
    expect(await drain.sendAllAway(6000)).toBe(0);
    expect(state.at).toBe(0);
  });

  test.each([
    [1, 1, 0],
    [200, 4, 150],
    [2000, 40, 1950],
    [20_000, 100, 4950],
  ])("%d of them in %d equal slices, within %d ms", async (count, slices, lastAt) => {
    const { drain, closes } = setUp(count);
    await drain.sendAllAway(6000);
    expect(closes).toHaveLength(count);
    expect(new Set(closes.map(({ reason }) => reason))).toEqual(new Set(["restarting"]));
    const sizes = Object.values(Object.groupBy(closes, ({ at }) => at)).map((slice) => slice?.length);
    expect(sizes).toHaveLength(slices);
    expect(Math.max(...closes.map(({ at }) => at))).toBe(lastAt);
    expect(new Set(sizes)).toEqual(new Set([count / slices]));
  });

  test("also those that come in meanwhile", async () => {
    const { drain, connect, closes } = setUp(100);
    const going = drain.sendAllAway(6000);
    connect();
    await going;
    expect(closes).toHaveLength(101);
  });

  test("and told when to come back, if they understand it", async () => {
    const { drain, connect, frames } = setUp(1);
    connect(true);
    await drain.sendAllAway(6000);
    expect(frames).toEqual([{ event: "come_back", after_ms: 250 }]);
  });

  test("though they never read: then the end does not wait for them for more than a second", async () => {
    const { state, drain, closes } = setUp(3, { hang: true });
    await drain.sendAllAway(6000);
    expect(closes).toHaveLength(3);
    expect(state.at).toBe(1000);
  });
});

describe("a connection with frames under way", () => {
  test("goes last, after they are done, and starts no more", async () => {
    const { drain, connections, closes } = setUp(100);
    const [first] = connections as [Connection];
    const frame = Promise.withResolvers<string>();
    const handled = drain.track(first, frame.promise);
    expect(drain.isLeaving(first)).toBe(false);
    const going = drain.sendAllAway(6000);
    while (closes.length < 99) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(drain.isLeaving(first)).toBe(true);
    expect(closes).toHaveLength(99);
    frame.resolve("acknowledged");
    expect(await handled).toBe("acknowledged");
    expect(await going).toBe(0);
    expect(closes).toHaveLength(100);
  });

  test("works on until its turn comes", async () => {
    const { drain, connections } = setUp(100);
    const [first, last] = [connections[0], connections.at(-1)] as [Connection, Connection];
    const going = drain.sendAllAway(6000);
    expect([first, last].map(drain.isLeaving)).toEqual([true, false]);
    await going;
    expect(drain.isLeaving(last)).toBe(true);
  });

  test("that hang is closed all the same, and they are counted", async () => {
    const { drain, connections, closes } = setUp(1);
    const [only] = connections as [Connection];
    const frames = [1, 2].map(() => drain.track(only, new Promise<void>(() => {})));
    expect(frames).toHaveLength(2);
    expect(await drain.sendAllAway(10)).toBe(2);
    expect(closes).toHaveLength(1);
  });
});
