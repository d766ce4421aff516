import { expect, test } from "bun:test";
import { Registry } from "prom-client";
import { createInstruments, type Instruments } from "./instruments.ts";

/** What somebody reads who asks: the lines without comments. */
async function linesOf(use: (instruments: Instruments) => void): Promise<string[]> {
  const registry = new Registry();
  use(createInstruments(registry));
  return (await registry.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

test("a counter counts from zero", async () => {
  expect(await linesOf(({ counter }) => void counter({ name: "a_total", help: "A." }))).toEqual([
    "a_total 0",
  ]);
  expect(
    await linesOf(({ counter }) => {
      const { add } = counter({ name: "a_total", help: "A." });
      add();
      add(4);
    }),
  ).toEqual(["a_total 5"]);
});

test("counters with labels begin with the values that are known, and take others as they come", async () => {
  const lines = await linesOf(({ counters }) => {
    const of = counters({ name: "a_total", help: "A.", labels: ["way"], known: [["in"], ["out"]] });
    of("in").add();
    of("round").add();
  });
  expect(lines).toEqual(['a_total{way="in"} 1', 'a_total{way="out"} 0', 'a_total{way="round"} 1']);
});

test("several labels keep their order", async () => {
  const lines = await linesOf(({ counters }) =>
    counters({ name: "a_total", help: "A.", labels: ["operation", "status"] })("login", "200").add(),
  );
  expect(lines).toEqual(['a_total{operation="login",status="200"} 1']);
});

test("a value on a bound belongs to that bucket, and buckets hold all below them", async () => {
  const lines = await linesOf(({ histograms }) => {
    const of = histograms({ name: "a", help: "A.", labels: ["kind"], bounds: [1, 5] });
    for (const value of [0.5, 1, 5, 5.5]) of("x").observe(value);
  });
  expect(lines).toEqual([
    'a_bucket{kind="x",le="1"} 2',
    'a_bucket{kind="x",le="5"} 3',
    'a_bucket{kind="x",le="+Inf"} 4',
    'a_sum{kind="x"} 12',
    'a_count{kind="x"} 4',
  ]);
});

test("a gauge is read when somebody asks, and is left out where there is nothing to read", async () => {
  const lines = await linesOf(({ gauge, total }) => {
    gauge({ name: "a", help: "A." }, () => 7);
    gauge({ name: "b", help: "B." }, () => undefined);
    total({ name: "c_total", help: "C." }, () => 3);
  });
  expect(lines).toEqual(["a 7", "c_total 3"]);
});

test("two metrics cannot have one name", () => {
  const { counter } = createInstruments(new Registry());
  counter({ name: "a_total", help: "A." });
  expect(() => counter({ name: "a_total", help: "Another." })).toThrow("already been registered");
});
