import { describe, expect, test } from "bun:test";
import { createTrialClone } from "./trial-clone.ts";

const closing = (lines: string) => `${lines}\\nRan some tests across 1 file. [1.00ms]\\n`;

/** Runs `npm test` on one file whose runner says and exits as given; answers the last line. */
async function test1(says: string, exits = 0): Promise<[code: number, lastLine: string | undefined]> {
  using clone = createTrialClone();
  clone.write("tests/a.test.ts", "");
  const env = { BUN_SAYS: says, BUN_EXITS: String(exits) };
  const { code, out } = await clone.run("test.mjs", { args: ["a.test"], env });
  return [code, out.trimEnd().split("\n").at(-1)];
}

describe("npm test", () => {
  test("counts what passed", async () => {
    expect(await test1(closing(" 12 pass\\n 0 fail"))).toEqual([0, "12 passed, 0 failed"]);
  });

  test("counts what failed, and fails", async () => {
    expect(await test1(closing(" 12 pass\\n 3 fail"), 1)).toEqual([1, "12 passed, 3 failed"]);
  });

  test("counts a file that could not be loaded, which its runner names twice, once", async () => {
    expect(await test1(closing(" 12 pass\\n 1 fail\\n 1 error"), 1)).toEqual([1, "12 passed, 1 failed"]);
  });

  test("believes the closing lines, not what a test printed", async () => {
    expect(await test1(` 99 pass\\n 9 fail\\n${closing(" 1 pass\\n 0 fail")}`)).toEqual([
      0,
      "1 passed, 0 failed",
    ]);
  });

  test("reads coloured lines", async () => {
    expect(await test1(closing("\\033[32m 5 pass\\033[0m\\n 0 fail"))).toEqual([0, "5 passed, 0 failed"]);
  });

  test("fails when no test ran", async () => {
    expect(await test1(closing(" 0 pass\\n 0 fail"))).toEqual([1, "0 passed, 1 failed"]);
    expect(await test1("")).toEqual([1, "0 passed, 1 failed"]);
  });

  test("fails when a test was skipped", async () => {
    expect(await test1(closing(" 5 pass\\n 1 skip\\n 0 fail"))).toEqual([1, "5 passed, 1 failed"]);
  });

  test("fails when its runner fails without naming a test", async () => {
    expect(await test1(closing(" 5 pass\\n 0 fail"), 139)).toEqual([1, "5 passed, 1 failed"]);
  });

  test("fails when no file matches", async () => {
    using clone = createTrialClone();
    const { code, out, err } = await clone.run("test.mjs", {
      args: ["nothing"],
      env: { CHROMIUM: "/bin/true" },
    });
    expect([code, out.trim()]).toEqual([1, "0 passed, 1 failed"]);
    expect(err).toContain("No test file matches: nothing");
  });
});
