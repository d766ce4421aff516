import { expect, setDefaultTimeout, test } from "bun:test";
import { runStorm } from "./storm.ts";

setDefaultTimeout(180_000);

test("five hundred who are cut off at once, three times, come back, for three statements each at most", async () => {
  const outcome = await runStorm({ sockets: 500, rounds: 3 });
  console.log(JSON.stringify(outcome));
  expect(outcome.refused).toEqual([]);
  expect(outcome.behind).toBe(0);
  expect(outcome.sent).toBeGreaterThan(0);
  expect(outcome.databaseConnections).toBeLessThanOrEqual(10);
  for (const seconds of outcome.seconds) expect(seconds).toBeLessThan(30);
  // Who somebody is, where their chats are, and what they missed: for many at once if they come close together.
  for (const statements of outcome.statementsPerReconnect) expect(statements).toBeLessThanOrEqual(3);
});
