import { expect, test } from "bun:test";
import { createMemoryWire } from "../bus/bus-memory.ts";
import type { Connection } from "./connection.ts";
import type { NodeMessage } from "./node-message.ts";
import { createSignOuts } from "./sign-outs.ts";

/** Two nodes on one wire, and a clock. */
function setUp() {
  const clock = { ms: 0 };
  const wire = createMemoryWire<NodeMessage>();
  const nodes = [1, 2].map(() => {
    const open: Connection[] = [];
    const of = (userId: string) => open.filter(({ user }) => user.id === userId);
    const signOuts = createSignOuts({ subscriptions: { of }, bus: wire.connect(), now: () => clock.ms });
    /** Why it was closed, if it was. */
    function connect(access: { sessionId?: string; passwordVersion?: number } = {}, userId = "alice") {
      const closed: string[] = [];
      const connection = {
        user: { id: userId },
        ...{ passwordVersion: 0, ...access },
        close: (reason: string) => void closed.push(reason),
      } as unknown as Connection;
      open.push(connection);
      signOuts.opened(connection);
      return closed;
    }
    return { ...signOuts, connect };
  });
  const told = () => new Promise<void>((resolve) => setImmediate(resolve));
  const [here, there] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
  return { here, there, clock, told };
}

test("what ends closes its own connections, on both nodes", async () => {
  const { here, there, told } = setUp();
  const over = [here, there].map(({ connect }) => connect({ sessionId: "s1" }));
  const left = [here, there].flatMap(({ connect }) => [
    connect({ sessionId: "s2" }),
    connect({}),
    connect({}, "bob"),
  ]);
  here.sessionsEnded("alice", ["s1"]);
  await told();
  expect(over).toEqual([["unauthenticated"], ["unauthenticated"]]);
  expect(left.flat()).toEqual([]);
});

test("another password closes what was opened without a session under one of before", async () => {
  const { here, there, told } = setUp();
  const over = [here, there].flatMap(({ connect }) => [connect({}), connect({ passwordVersion: 1 })]);
  const left = [here, there].flatMap(({ connect }) => [
    connect({ passwordVersion: 2 }),
    connect({ sessionId: "s1", passwordVersion: 1 }),
    connect({}, "bob"),
  ]);
  here.passwordChanged("alice", 2);
  await told();
  expect(over.flat()).toHaveLength(4);
  expect(left.flat()).toEqual([]);
});

test("a connection that was let in before and opens after is closed, for as long as it can have taken", async () => {
  const { here, there, clock, told } = setUp();
  here.sessionsEnded("alice", ["s1"]);
  here.passwordChanged("bob", 1);
  await told();
  clock.ms = 59_000;
  for (const { connect } of [here, there]) {
    expect(connect({ sessionId: "s1" })).toEqual(["unauthenticated"]);
    expect(connect({}, "bob")).toEqual(["unauthenticated"]);
  }
  clock.ms = 60_000;
  here.sessionsEnded("carol", ["s3"]);
  expect(here.connect({ sessionId: "s1" })).toEqual([]);
  expect(here.connect({ sessionId: "s3" })).toEqual(["unauthenticated"]);
});

test("of two changes of a password the later one counts, in whatever order they are told", async () => {
  const { here, there, told } = setUp();
  here.passwordChanged("alice", 2);
  await told();
  there.passwordChanged("alice", 1);
  await told();
  for (const { connect } of [here, there]) {
    expect(connect({ passwordVersion: 1 })).toEqual(["unauthenticated"]);
    expect(connect({ passwordVersion: 2 })).toEqual([]);
  }
});

test("what is told twice is remembered from the second time on, and keeps nothing else in memory", () => {
  const { here, clock } = setUp();
  const end = (at: number, sessionId: string, userId: string) => {
    clock.ms = at;
    here.sessionsEnded("alice", [sessionId]);
    here.passwordChanged(userId, 1);
  };
  end(0, "s1", "bob");
  end(10_000, "s2", "carol");
  end(30_000, "s1", "bob");
  end(70_000, "s3", "dave");
  expect([here.connect({ sessionId: "s2" }), here.connect({}, "carol")]).toEqual([[], []]);
  expect(here.connect({ sessionId: "s1" })).toEqual(["unauthenticated"]);
  expect(here.connect({}, "bob")).toEqual(["unauthenticated"]);
});
