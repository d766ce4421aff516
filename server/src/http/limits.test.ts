import { expect, test } from "bun:test";
import { catchUpCost, defaultLimits, parseRateLimits, subscribeCost } from "./limits.ts";

test("`on` are the limits as they come, `off` is none", () => {
  expect(parseRateLimits("on")).toEqual(defaultLimits);
  expect(parseRateLimits("off")).toBeUndefined();
});

test("who has 2,000 chats may come back five times a minute, and ask for all that is new each time", () => {
  const { count, seconds } = defaultLimits.sync;
  expect((count / seconds) * 60).toBeGreaterThanOrEqual(5 * (subscribeCost + 20 * catchUpCost(100)));
});

test("an override leaves the others as they are, and the start values too", () => {
  const limits = parseRateLimits("register = 7 / 60,connect=1/1");
  expect(limits).toEqual({
    ...defaultLimits,
    register: { count: 7, seconds: 60 },
    connect: { count: 1, seconds: 1 },
  } as typeof limits);
  expect(parseRateLimits("on")).toEqual(defaultLimits);
});

test.each([
  "",
  "ON",
  "register",
  "register=1",
  "register=1/0",
  "register=0/1",
  "register=-1/1",
  "register=1e3/1",
  "register=1/1;send=1/1",
  "toString=1/1",
  `register=1/${"9".repeat(400)}`,
])("%p is refused with the form and all names", (value) => {
  expect(() => parseRateLimits(value)).toThrow(Object.keys(defaultLimits).join(", "));
});
