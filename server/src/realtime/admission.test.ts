import { describe, expect, test } from "bun:test";
import type { Failure } from "../failure.ts";
import { createAdmission } from "./admission.ts";

function setUp({ perSecond = 1000, random = 0 } = {}) {
  const state = { at: 5000, isLagging: false, random };
  const admission = createAdmission({
    perSecond,
    isLagging: () => state.isLagging,
    now: () => state.at,
    random: () => state.random,
  });
  /** How many of so many get in at this moment. */
  async function admit(count: number): Promise<number> {
    const results = await Promise.allSettled(
      Array.from({ length: count }, (_, i) => admission.admit(async () => i)),
    );
    return results.filter(({ status }) => status === "fulfilled").length;
  }
  /** One after the other, so that none is under way with another. */
  async function admitInTurn(count: number): Promise<number> {
    let admitted = 0;
    for (let i = 0; i < count; i++) admitted += await admit(1);
    return admitted;
  }
  return { state, admission, admit, admitInTurn };
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Failure) => error,
  );

describe("so many handshakes a second", () => {
  test("get in, half of them at once, and no more", async () => {
    const { state, admitInTurn } = setUp();
    expect(await admitInTurn(3000)).toBe(500);
    state.at += 100;
    expect(await admitInTurn(3000)).toBe(100);
    state.at += 10_000;
    expect(await admitInTurn(3000)).toBe(500);
  });

  test("may be few", async () => {
    const { state, admitInTurn } = setUp({ perSecond: 1 });
    expect(await admitInTurn(5)).toBe(1);
    state.at += 999;
    expect(await admitInTurn(5)).toBe(0);
    state.at += 1;
    expect(await admitInTurn(5)).toBe(1);
  });

  test("are not counted when the operator says so", async () => {
    const { state, admit } = setUp({ perSecond: 0 });
    state.isLagging = true;
    expect(await admit(3000)).toBe(3000);
  });
});

describe("who is too many", () => {
  /** What somebody is told who comes after so many others at the same moment. */
  async function toldAfter(others: number, random: number, isLagging = false) {
    const { state, admission, admitInTurn } = setUp({ perSecond: 100, random });
    await admitInTurn(50 + others);
    state.isLagging = isLagging;
    return refusal(admission.admit(async () => 1));
  }

  test.each([
    [0, 0.999, 1],
    [99, 0.999, 1],
    [100, 0.999, 2],
    [100, 0, 1],
    [350, 0.999, 4],
    [350, 0.5, 3],
    [5000, 0.999, 5],
    [5000, 0, 1],
  ])(
    "comes again within as many seconds as those before need, 5 at most (%p others, %p: %p s)",
    async (others, random, seconds) => {
      expect(await toldAfter(others, random)).toMatchObject({
        ...{ code: "overloaded", status: 503, retryAfterSeconds: seconds },
      });
    },
  );

  test.each([
    [0, 1],
    [60, 2],
    [240, 5],
    [5000, 5],
  ])("is spread twice as far when the process is too busy (%p others: %p s)", async (others, seconds) => {
    expect(await toldAfter(others, 0.999, true)).toMatchObject({ retryAfterSeconds: seconds });
  });

  test("no longer minds those for whom there was room since", async () => {
    const { state, admission, admitInTurn } = setUp({ perSecond: 100, random: 0.999 });
    await admitInTurn(50 + 400);
    state.at += 4000;
    await admitInTurn(50);
    expect(await refusal(admission.admit(async () => 1))).toMatchObject({ retryAfterSeconds: 1 });
  });

  test("costs no work", async () => {
    const { admission, admitInTurn } = setUp({ perSecond: 1 });
    await admitInTurn(1);
    let calls = 0;
    await refusal(admission.admit(async () => calls++));
    expect(calls).toBe(0);
  });
});

test("no more than 256 are let in at a time; who is done, or fails, makes room", async () => {
  const { admission, admit } = setUp();
  const gates = Array.from({ length: 256 }, () => Promise.withResolvers<void>());
  const waiting = gates.map(({ promise }) => refusal(admission.admit(() => promise)));
  expect(await admit(10)).toBe(0);
  gates[0]?.resolve();
  gates[1]?.reject(new Error("The database is away"));
  await Promise.all(waiting.slice(0, 2));
  expect(await admit(10)).toBe(2);
  expect(await refusal(admission.admit(async () => 1))).toBeUndefined();
});

test("a process that lags lets nobody in until it has caught up", async () => {
  const { state, admit } = setUp();
  state.isLagging = true;
  expect(await admit(10)).toBe(0);
  state.isLagging = false;
  expect(await admit(10)).toBe(10);
});

describe("when 2,000 lose their connections at once, 95 % are let in", () => {
  /** Moments at which each of so many got in; they come within half a second, and again when they are told to. */
  async function momentsOf(count: number, isLagging: (ms: number) => boolean): Promise<number[]> {
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    let ms = 0;
    const admission = createAdmission({
      ...{ perSecond: 1000, isLagging: () => isLagging(ms), now: () => 5000 + ms, random },
    });
    const comers = Array.from({ length: count }, () => random() * 500);
    const moments: number[] = [];
    while (comers.length > 0) {
      ms = Math.min(...comers);
      comers.splice(comers.indexOf(ms), 1);
      const refused = await refusal(admission.admit(async () => undefined));
      if (refused) comers.push(ms + (refused.retryAfterSeconds ?? 0) * 1000);
      else moments.push(ms);
    }
    return moments;
  }

  test.each<[string, number, (ms: number) => boolean]>([
    ["by a process that keeps up", 3, () => false],
    ["by one that lags for a second", 3, (ms) => ms > 200 && ms < 1200],
    ["by one that lags half of the time", 4, (ms) => ms % 130 < 65],
  ])("%s, within %p s", async (_, seconds, isLagging) => {
    const moments = await momentsOf(2000, isLagging);
    expect(moments[1899]).toBeLessThan(seconds * 1000);
  });
});
