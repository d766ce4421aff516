import { expect, test } from "bun:test";
import { run } from "../chaos/run.ts";

const seed = Number(process.env["WINDI_SEED"] ?? Date.now() % 100_000);

test("whatever goes wrong on two nodes, nothing is lost or doubled, and every device shows the same", async () => {
  console.log(`WINDI_SEED=${seed}`);
  const outcome = await run({ seed, seconds: 12 });
  expect(outcome.findings).toEqual([]);
  expect(outcome.messages).toBeGreaterThan(50);
}, 180_000);
