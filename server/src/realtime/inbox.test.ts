import { describe, expect, test } from "bun:test";
import { createInboxes, type Task } from "./inbox.ts";

/** An inbox whose tasks end when the test says so. A frame that starts with "+" overlaps. */
function inbox(maxFrames = 512) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const overflows: number[] = [];
  const prepare = (_: string, frame: string | undefined): Task => ({
    overlaps: frame?.startsWith("+") === true,
    run() {
      started.push(String(frame));
      return new Promise((resolve) => ends.set(String(frame), resolve));
    },
  });
  const inboxes = createInboxes({ prepare, maxFrames, overflow: () => overflows.push(started.length) });
  const push = (frame: string | undefined, owner = "somebody") => inboxes.push(owner, frame);
  const end = async (frame: string) => {
    ends.get(frame)?.();
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { push, end, started, overflows };
}

describe("the inbox of a connection", () => {
  test("starts a frame at once, and the next when it has ended", async () => {
    const { push, end, started } = inbox();
    for (const frame of ["a", "b", "c"]) push(frame);
    expect(started).toEqual(["a"]);
    await end("a");
    expect(started).toEqual(["a", "b"]);
    await end("b");
    expect(started).toEqual(["a", "b", "c"]);
  });

  test("starts frames that overlap one after the other without waiting", async () => {
    const { push, end, started } = inbox();
    for (const frame of ["+a", "+b", "+c"]) push(frame);
    await end("nothing");
    expect(started).toEqual(["+a", "+b", "+c"]);
    push("+d");
    await end("nothing");
    expect(started).toEqual(["+a", "+b", "+c", "+d"]);
  });

  test("makes a frame that does not overlap wait for all before it, and all after it wait for it", async () => {
    const { push, end, started } = inbox();
    for (const frame of ["+a", "+b", "c", "+d"]) push(frame);
    await end("+b");
    expect(started).toEqual(["+a", "+b"]);
    await end("+a");
    expect(started).toEqual(["+a", "+b", "c"]);
    await end("c");
    expect(started).toEqual(["+a", "+b", "c", "+d"]);
  });

  test("starts again after it was empty", async () => {
    const { push, end, started } = inbox();
    push("a");
    await end("a");
    push("b");
    expect(started).toEqual(["a", "b"]);
  });

  test("knows nothing of the frames of others", async () => {
    const { push, end, started } = inbox(1);
    push("a");
    push("b", "somebody else");
    expect(started).toEqual(["a", "b"]);
    await end("a");
    push("c");
    expect(started).toEqual(["a", "b", "c"]);
  });

  test("hands on a binary frame in its place", async () => {
    const { push, end, started } = inbox();
    push("a");
    push(undefined);
    await end("a");
    expect(started).toEqual(["a", "undefined"]);
  });

  test.each(["", "+"])(
    "keeps so many frames, waiting or under way, and tells of each that is too many (%p)",
    async (kind) => {
      const { push, end, overflows, started } = inbox(3);
      for (let i = 1; i <= 5; i++) push(`${kind}${i}`);
      await end("nothing");
      expect(overflows).toHaveLength(2);
      await end(`${kind}1`);
      push(`${kind}6`);
      push(`${kind}7`);
      expect(overflows).toHaveLength(3);
      for (const frame of [2, 3, 6]) await end(`${kind}${frame}`);
      expect(started).toEqual([1, 2, 3, 6].map((i) => `${kind}${i}`));
    },
  );
});
