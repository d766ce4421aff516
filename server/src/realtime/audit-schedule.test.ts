import { describe, expect, test } from "bun:test";
import { createLog } from "../telemetry.ts";
import { until } from "../../../tests/until.ts";
import { scheduleAudit } from "./audit-schedule.ts";

function setUp() {
  const runs: PromiseWithResolvers<void>[] = [];
  const looks: (readonly string[])[] = [];
  let restored = () => {};
  const schedule = scheduleAudit({
    audit: {
      run() {
        const run = Promise.withResolvers<void>();
        runs.push(run);
        return run.promise;
      },
      look: (chatIds) => Promise.resolve(void looks.push(chatIds)),
    },
    everyMs: 3_600_000,
    onRestored: (listener) => (restored = listener),
    random: () => 0,
    log: createLog("silent"),
  });
  return { schedule, runs, looks, restore: () => restored() };
}

describe("the audit", () => {
  test("runs when the bus is back, and once more when it comes back meanwhile", async () => {
    const { schedule, runs, restore } = setUp();
    restore();
    await until(() => runs.length === 1);
    restore();
    restore();
    runs[0]?.resolve();
    await until(() => runs.length === 2);
    runs[1]?.reject(new Error("away"));
    await schedule[Symbol.asyncDispose]();
    expect(runs).toHaveLength(2);
  });

  test("looks at chats that are new to the node, at all that come within a second together", async () => {
    const { schedule, looks } = setUp();
    for (const chatId of ["a", "b", "a"]) schedule.followed(chatId);
    await until(() => looks.length === 1);
    schedule.followed("c");
    await until(() => looks.length === 2);
    expect(looks).toEqual([["a", "b"], ["c"]]);
    schedule.followed("d");
    await schedule[Symbol.asyncDispose]();
    schedule.followed("e");
    expect(looks).toHaveLength(2);
  });
});
