import { describe, expect, test } from "bun:test";
import { createLogTo } from "../telemetry.ts";
import type { Child } from "./child.ts";
import { createSupervisor } from "./supervisor.ts";

interface FakeChild extends Child {
  readonly index: number;
  readonly asked: string[];
  serve(): void;
  exit(code: number): void;
}

function createChild(index: number): FakeChild {
  const ready = Promise.withResolvers<string>();
  const exited = Promise.withResolvers<number>();
  const asked: string[] = [];
  return {
    index,
    asked,
    ready: ready.promise,
    exited: exited.promise,
    end: () => void asked.push("end"),
    retire: () => void asked.push("retire"),
    kill: () => exited.resolve(137),
    serve: () => ready.resolve("http://localhost:8000"),
    exit: exited.resolve,
  };
}

/** Lets all that waits for nothing but promises go on. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A supervisor of processes that only a test moves; time passes when it says so. */
function setUp(count = 2) {
  let at = 0;
  const timers = new Set<{ at: number; call(): void }>();
  const children: FakeChild[] = [];
  const lines: Record<string, unknown>[] = [];
  const supervisor = createSupervisor({
    count,
    spawn(index) {
      const child = createChild(index);
      children.push(child);
      return child;
    },
    log: createLogTo({ write: (line) => void lines.push(JSON.parse(line)) }, "info"),
    now: () => at,
    random: () => 1,
    after(delayMs, call) {
      const timer = { at: at + delayMs, call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  async function pass(ms: number) {
    at += ms;
    for (const timer of [...timers].filter((timer) => timer.at <= at)) {
      timers.delete(timer);
      timer.call();
    }
    await settle();
  }
  /** The latest process of this place. */
  const latest = (index: number) => children.findLast((child) => child.index === index)!;
  async function exit(index: number, code: number) {
    latest(index).exit(code);
    await settle();
  }
  async function serve(index: number) {
    latest(index).serve();
    await settle();
  }
  async function started() {
    const starting = supervisor.start();
    for (let index = 0; index < count; index++) await serve(index);
    await starting;
  }
  return { supervisor, children, lines, pass, latest, exit, serve, started };
}

describe("at the start", () => {
  test("one process goes ahead, and the others follow when it serves", async () => {
    const { supervisor, children, serve } = setUp(3);
    const starting = supervisor.start();
    await settle();
    expect(children.map(({ index }) => index)).toEqual([0]);
    await serve(0);
    expect(children.map(({ index }) => index)).toEqual([0, 1, 2]);
    await serve(2);
    await serve(1);
    expect(await starting).toBe("http://localhost:8000");
  });

  test("a configuration that is wrong ends everything with its code", async () => {
    const { supervisor, exit } = setUp();
    void supervisor.start();
    await exit(0, 78);
    expect(await supervisor.ended).toBe(78);
  });
});

describe("a process that dies", () => {
  test("is followed by another, later each time, and soon again after a minute of health", async () => {
    const { children, pass, exit, started } = setUp();
    await started();
    for (const delayMs of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      const before = children.length;
      await exit(1, 1);
      await pass(delayMs - 1);
      expect(children).toHaveLength(before);
      await pass(1);
      expect(children).toHaveLength(before + 1);
    }
    await pass(60_000);
    const before = children.length;
    await exit(1, 1);
    await pass(500);
    expect(children).toHaveLength(before + 1);
  });

  test("with a wrong configuration is tried again while others serve, and ends all when none does", async () => {
    const { supervisor, lines, latest, pass, exit, started } = setUp();
    await started();
    await exit(0, 78);
    expect(lines).toMatchObject([{}]);
    expect(latest(1).asked).toEqual([]);
    await pass(500);
    await exit(1, 1);
    await exit(0, 78);
    expect(await supervisor.ended).toBe(78);
  });
});

describe("the end", () => {
  test("is asked of all at once, and is good when all end well", async () => {
    const { supervisor, children, exit, started } = setUp();
    await started();
    supervisor.end();
    expect(children.map(({ asked }) => asked)).toEqual([["end"], ["end"]]);
    await exit(0, 0);
    await exit(1, 0);
    expect(await supervisor.ended).toBe(0);
  });

  test("is good for a process that had not begun to hear of it", async () => {
    const { supervisor, exit } = setUp();
    void supervisor.start();
    supervisor.end();
    await exit(0, 143);
    expect(await supervisor.ended).toBe(0);
  });

  test("comes to a process that hangs by force", async () => {
    const { supervisor, pass, exit, started } = setUp();
    await started();
    supervisor.end();
    await exit(0, 0);
    await pass(9700);
    expect(await supervisor.ended).toBe(1);
  });

  test("does not wait for a process that is to be started later", async () => {
    const { supervisor, children, pass, exit, started } = setUp();
    await started();
    await exit(1, 1);
    supervisor.end();
    await exit(0, 0);
    expect(await supervisor.ended).toBe(0);
    await pass(60_000);
    expect(children).toHaveLength(2);
  });
});

describe("a restart", () => {
  test("takes one process after the other, each when the one before serves again", async () => {
    const { supervisor, children, latest, exit, serve, started } = setUp();
    await started();
    const [first, second] = children as [FakeChild, FakeChild];
    const restarting = supervisor.restart();
    await settle();
    expect([first.asked, second.asked]).toEqual([["retire"], []]);
    await exit(0, 0);
    expect(latest(0)).not.toBe(first);
    expect(second.asked).toEqual([]);
    await serve(0);
    expect(second.asked).toEqual(["retire"]);
    await exit(1, 0);
    await serve(1);
    await restarting;
    expect(children).toHaveLength(4);
  });

  test("is given up when a new process fails, and the others go on", async () => {
    const { supervisor, children, lines, latest, exit, pass, serve, started } = setUp();
    await started();
    const restarting = supervisor.restart();
    await settle();
    await exit(0, 0);
    await exit(0, 78);
    await restarting;
    expect(children[1]?.asked).toEqual([]);
    expect(lines.map(({ level }) => level)).toContain("error");
    await pass(500);
    await serve(0);
    expect(latest(0)).not.toBe(children[0]);
  });

  test("kills a process that does not end, and gives up one that does not serve", async () => {
    const { supervisor, children, pass, started } = setUp();
    await started();
    const restarting = supervisor.restart();
    await settle();
    await pass(9700);
    expect(children).toHaveLength(3);
    await pass(60_000);
    await restarting;
    expect(children[1]?.asked).toEqual([]);
  });

  test("that is asked for during another comes after it, once", async () => {
    const { supervisor, children, exit, serve, started } = setUp();
    await started();
    const restarting = supervisor.restart();
    await settle();
    for (let i = 0; i < 5; i++) void supervisor.restart();
    for (let i = 0; i < 10; i++) {
      await exit(i % 2, 0);
      await serve(i % 2);
    }
    await restarting;
    expect(children).toHaveLength(2 + 4);
  });

  test("gives way to the end", async () => {
    const { supervisor, children, exit, started } = setUp();
    await started();
    void supervisor.restart();
    await settle();
    supervisor.end();
    await exit(0, 0);
    await exit(1, 0);
    expect(await supervisor.ended).toBe(0);
    expect(children).toHaveLength(2);
  });
});
