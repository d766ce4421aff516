import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { PresenceHead } from "./news.ts";
import { createRoster, type Roster } from "./roster.ts";

const pace = { holdMs: 5000, aliveMs: 10_000, forgetMs: 30_000, rememberMs: 60_000 };
const tickMs = 3000;

interface Member {
  id: string;
  roster: Roster;
  /** What the roster said of each person last. */
  told: Map<string, boolean>;
  switched: string[];
  missed: number;
  sent: PresenceHead[];
}

/** Nodes on a wire that loses and repeats what it is told to. */
function createCluster(isLost: () => boolean = () => false, isRepeated: () => boolean = () => false) {
  const nodes = new Map<string, Member>();
  let time = 0;
  let starts = 0;
  let isConnected = true;

  function send(from: Member, head: PresenceHead): void {
    from.sent.push(head);
    for (const node of nodes.values()) {
      if (node === from || !isConnected || isLost()) continue;
      node.roster.hear(head);
      if (isRepeated()) node.roster.hear(head);
    }
  }

  return {
    nodes,
    send,
    start(): Member {
      const id = `node-${++starts}`;
      const node: Member = { id, told: new Map(), switched: [], missed: 0, sent: [], roster: null! };
      node.roster = createRoster({
        node: id,
        now: () => time,
        onChange: (userId) => void node.told.set(userId, node.roster.isOnline(userId)),
        onSwitch: (userId) => void node.switched.push(userId),
        onMissed: () => void node.missed++,
        pace,
      });
      nodes.set(id, node);
      return node;
    },
    kill: (node: Member) => nodes.delete(node.id),
    pass(ms: number) {
      for (const end = time + ms; time < end;) {
        time += tickMs;
        for (const node of nodes.values())
          for (const head of node.roster.gather(isConnected)) send(node, head);
      }
    },
    wire(connects: boolean) {
      if (connects && !isConnected) for (const node of nodes.values()) node.roster.restart();
      isConnected = connects;
    },
    now: () => time,
  };
}

const types = (node: Member) => node.sent.map((head) => head.news.type);

describe("nodes that tell each other who is online", () => {
  test("know it within two rounds, those that start later too", () => {
    const cluster = createCluster();
    const one = cluster.start();
    one.roster.came("alice");
    cluster.pass(tickMs);
    const other = cluster.start();
    expect(other.roster.isOnline("alice")).toBe(false);
    cluster.pass(2 * tickMs);
    expect(other.roster.isOnline("alice")).toBe(true);
    expect(other.told).toEqual(new Map([["alice", true]]));
  });

  test("tell of a person on two nodes once, and of the end when both have ended", () => {
    const cluster = createCluster();
    const [one, other, third] = [cluster.start(), cluster.start(), cluster.start()];
    cluster.pass(2 * tickMs);
    for (const { roster } of [one, other]) roster.came("alice");
    cluster.pass(tickMs);
    one.roster.went("alice", 1);
    cluster.pass(tickMs);
    expect(third.told).toEqual(new Map([["alice", true]]));
    other.roster.went("alice", 7);
    cluster.pass(tickMs);
    expect(third.told).toEqual(new Map([["alice", false]]));
    expect(third.roster.wentAt("alice")).toBe(7);
  });

  test("forget one that is silent for 30 s, with its people, and one that says goodbye after the time to come back", () => {
    const cluster = createCluster();
    const [one, dying, leaving] = [cluster.start(), cluster.start(), cluster.start()];
    dying.roster.came("alice");
    leaving.roster.came("bob");
    cluster.pass(3 * tickMs);
    cluster.send(leaving, leaving.roster.bye());
    for (const node of [dying, leaving]) cluster.kill(node);
    cluster.pass(tickMs);
    expect(one.roster.isOnline("bob")).toBe(true);
    cluster.pass(tickMs);
    expect(one.roster.isOnline("bob")).toBe(false);
    expect(one.roster.isOnline("alice")).toBe(true);
    one.missed = 0;
    cluster.pass(pace.forgetMs);
    expect(one.roster.isOnline("alice")).toBe(false);
    expect(one.missed).toBe(1);
  });

  test("keep what they knew while the bus is away", () => {
    const cluster = createCluster();
    const [one, other] = [cluster.start(), cluster.start()];
    one.roster.came("alice");
    cluster.pass(2 * tickMs);
    cluster.wire(false);
    cluster.pass(10 * pace.forgetMs);
    expect(other.roster.isOnline("alice")).toBe(true);
    one.roster.went("alice", cluster.now());
    cluster.pass(tickMs);
    cluster.wire(true);
    cluster.pass(2 * tickMs);
    expect(other.roster.isOnline("alice")).toBe(false);
  });

  test("send one message for however many came at once, and none while nothing changes but that they live", () => {
    const cluster = createCluster();
    const [one] = [cluster.start(), cluster.start()];
    cluster.pass(3 * tickMs);
    one.sent.length = 0;
    for (let n = 0; n < 2000; n++) one.roster.came(`user-${n}`);
    cluster.pass(tickMs);
    expect(types(one)).toEqual(["changes"]);
    expect(JSON.stringify(one.sent[0]).length).toBeLessThan(1_000_000);
    one.sent.length = 0;
    cluster.pass(60_000);
    expect(new Set(types(one))).toEqual(new Set(["alive"]));
    expect(types(one).length).toBeLessThanOrEqual(6);
  });

  test("send however many people in parts that fit into a message", () => {
    const cluster = createCluster();
    const one = cluster.start();
    for (let n = 0; n < 20_001; n++) one.roster.came(Bun.randomUUIDv7());
    cluster.pass(tickMs);
    const other = cluster.start();
    one.sent.length = 0;
    cluster.pass(2 * tickMs);
    expect([...other.told.values()].filter(Boolean)).toHaveLength(20_001);
    expect(types(one)).toEqual(Array(5).fill("everyone"));
    for (const head of one.sent) expect(JSON.stringify(head).length).toBeLessThan(500_000);
  });

  test("pass on that somebody switched; one that missed it knows that it missed something", () => {
    let isLost = false;
    const cluster = createCluster(() => isLost);
    const [one, other] = [cluster.start(), cluster.start()];
    cluster.pass(2 * tickMs);
    cluster.send(one, one.roster.switched("alice"));
    expect(other.switched).toEqual(["alice"]);
    expect(other.missed).toBe(0);
    isLost = true;
    cluster.send(one, one.roster.switched("bob"));
    isLost = false;
    cluster.pass(pace.aliveMs + 3 * tickMs);
    expect(other.switched).toEqual(["alice"]);
    expect(other.missed).toBe(1);
  });
});

test("what comes again, or late, changes nothing", () => {
  const cluster = createCluster();
  const one = cluster.start();
  one.roster.came("alice");
  cluster.pass(tickMs);
  const old = [...one.sent];
  one.roster.went("alice", 1);
  for (let n = 0; n < 6000; n++) one.roster.came(`user-${n}`);
  cluster.pass(tickMs);
  const late = cluster.start();
  one.sent.length = 0;
  cluster.pass(2 * tickMs);
  const [firstPart, secondPart] = one.sent;
  const other = cluster.start();
  for (const head of [firstPart!, ...old, secondPart!, ...old]) other.roster.hear(head);
  for (const head of old) late.roster.hear(head);
  for (const { roster } of [late, other]) {
    expect(roster.isOnline("alice")).toBe(false);
    expect(roster.isOnline("user-5999")).toBe(true);
  }
});

const kinds = ["came", "came", "went", "went", "switched", "tick", "tick"] as const;
const rareKinds = ["start", "kill", "leave", "cut", "join"] as const;
const step = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...kinds) },
    { weight: 1, arbitrary: fc.constantFrom(...rareKinds) },
  ),
  node: fc.nat(4),
  user: fc.nat(5).map((n) => `user-${n}`),
});

describe("whatever is lost or repeated", () => {
  /** Runs the steps on a cluster, then a quiet minute; answers with it and with who is online on which node. */
  function run(steps: readonly StepOf<typeof step>[], dice: () => number, lost: number, repeated: number) {
    let isQuiet = false;
    const falls = (below: number) => !isQuiet && dice() < below;
    const cluster = createCluster(
      () => falls(lost),
      () => falls(repeated),
    );
    const here = new Map<Member, Set<string>>();
    const start = () => void here.set(cluster.start(), new Set());
    start();
    start();
    for (const { kind, node: place, user } of steps) {
      const all = [...here.keys()];
      const node = all[place % all.length];
      const own = node && here.get(node);
      if (kind === "tick") cluster.pass(tickMs);
      else if (kind === "cut" || kind === "join") cluster.wire(kind === "join");
      else if (kind === "start") {
        if (all.length < 5) start();
      } else if (!node || !own) continue;
      else if (kind === "switched") cluster.send(node, node.roster.switched(user));
      else if (kind === "came") {
        if (!own.has(user)) node.roster.came(user);
        own.add(user);
      } else if (kind === "went") {
        if (own.delete(user)) node.roster.went(user, cluster.now());
      } else {
        if (kind === "leave") cluster.send(node, node.roster.bye());
        cluster.kill(node);
        here.delete(node);
      }
    }
    isQuiet = true;
    cluster.wire(true);
    cluster.pass(60_000);
    return { cluster, online: new Set([...here.values()].flatMap((own) => [...own])) };
  }

  test("after a quiet minute all nodes agree on who is online", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.infiniteStream(fc.nat(9)),
        fc.nat(9),
        fc.nat(3),
        (steps, dice, lost, repeated) => {
          const { cluster, online } = run(steps, () => dice.next().value as number, lost, repeated);
          for (const { roster, told } of cluster.nodes.values()) {
            for (let n = 0; n <= 5; n++) {
              expect(roster.isOnline(`user-${n}`)).toBe(online.has(`user-${n}`));
              expect(told.get(`user-${n}`) ?? false).toBe(online.has(`user-${n}`));
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

type StepOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Step> ? Step : never;
