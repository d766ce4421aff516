import { describe, expect, test } from "bun:test";
import { createLanes, type Lane } from "./lanes.ts";

const [even, odd] = ["018f0000-0000-7000-8000-000000000010", "018f0000-0000-7000-8000-000000000011"];
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Work that notes its beginning and ends when the test says so. */
function createWork(begun: string[]) {
  const ends = new Map<string, PromiseWithResolvers<string>>();
  return {
    start: (lane: Lane, name: string) =>
      lane(() => {
        begun.push(name);
        const end = Promise.withResolvers<string>();
        ends.set(name, end);
        return end.promise;
      }),
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  };
}

describe("lanes", () => {
  test("work on one chat goes one after the other, in the order in which it came, and other lanes go on", async () => {
    const laneOf = createLanes(2).each((lane) => lane);
    const begun: string[] = [];
    const work = createWork(begun);
    const done = [work.start(laneOf(even), "first"), work.start(laneOf(even), "second")];
    done.push(work.start(laneOf(odd), "elsewhere"));
    await turn();
    expect(begun).toEqual(["first", "elsewhere"]);
    work.end("first");
    await turn();
    expect(begun).toEqual(["first", "elsewhere", "second"]);
    work.end("second");
    work.end("elsewhere");
    expect(await Promise.all(done)).toEqual(["first", "second", "elsewhere"]);
  });

  test("work that fails is told to whom it belongs, and the next goes on", async () => {
    const laneOf = createLanes(1).each((lane) => lane);
    const begun: string[] = [];
    const work = createWork(begun);
    const first = work.start(laneOf(even), "first").catch(String);
    const second = work.start(laneOf(odd), "second");
    await turn();
    work.fail("first");
    expect(await first).toBe("Error: first");
    await turn();
    work.end("second");
    expect(await second).toBe("second");
  });

  test("what is made for a lane is found by each chat that keeps to it", () => {
    let made = 0;
    const placeOf = createLanes(2).each(() => made++);
    expect([even, odd, even].map(placeOf)).toEqual([0, 1, 0]);
    expect(made).toBe(2);
  });
});
