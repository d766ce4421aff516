import { expect, test } from "bun:test";
import { describeFrames, sumWork, workSince } from "./web-figures.ts";

const everyMs = (ms: number, count: number) =>
  Array.from({ length: count + 1 }, (_, frame) => 100 + frame * ms);

test("frames that come evenly are counted per second", () => {
  expect(describeFrames(everyMs(20, 50))).toEqual({ perSecond: 50, p95Ms: 20 });
});

test("a page that stands still for half of the time draws half as many, and its longest pauses are seen", () => {
  const moments = [...everyMs(10, 50), ...everyMs(10, 50).map((moment) => moment + 1000)];
  const { perSecond, p95Ms } = describeFrames(moments);
  expect(perSecond).toBeCloseTo(67.3, 1);
  expect(p95Ms).toBe(10);
  expect(describeFrames([0, 10, 110]).p95Ms).toBe(100);
});

test("a page that has drawn once or never draws nothing per second", () => {
  expect(describeFrames([]).perSecond).toBe(0);
  expect(describeFrames([5]).perSecond).toBe(0);
});

test("the work of a page that was loaded meanwhile counts from its own beginning", () => {
  const before = { loadedAt: 1, all: 100, script: 50, style: 5, layout: 6 };
  const after = { loadedAt: 1, all: 130, script: 60, style: 6, layout: 9 };
  expect(workSince(before, after)).toEqual({ all: 30, script: 10, style: 1, layout: 3 });
  const { loadedAt: _, ...own } = after;
  expect(workSince(before, { ...after, loadedAt: 2 })).toEqual(own);
  expect(sumWork([own, own]).all).toBe(260);
  expect(sumWork([]).all).toBe(0);
});
