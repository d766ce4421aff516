import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, utimesSync } from "node:fs";
import { createTrialClone, lockfile } from "./trial-clone.ts";

const installs = (asked: string[]) => asked.filter((line) => line.startsWith("npm ci")).length;
const builds = (asked: string[]) => asked.filter((line) => line.endsWith("web/build.ts")).length;

describe("npm start", () => {
  test("in a fresh clone installs, builds, and ends as the server ends", async () => {
    using clone = createTrialClone();
    const { code, out } = await clone.run("start.mjs");
    expect(clone.asked()).toEqual([
      expect.stringMatching(/^npm ci --ignore-scripts /),
      "bun --no-orphans web/build.ts",
      "bun --no-orphans server/src/main.ts",
    ]);
    expect(out).toContain("greeting:");
    expect(code).toBe(7);
    expect(existsSync(clone.path(".setup.lock"))).toBe(false);
  });

  test("installs and builds once", async () => {
    using clone = createTrialClone();
    await clone.run("start.mjs");
    await clone.run("start.mjs");
    expect([installs(clone.asked()), builds(clone.asked())]).toEqual([1, 1]);
  });

  test("builds again after a source of the page changed", async () => {
    using clone = createTrialClone();
    await clone.run("start.mjs");
    const later = new Date(Date.now() + 60_000);
    utimesSync(clone.path("web/src/main.ts"), later, later);
    await clone.run("start.mjs");
    expect([installs(clone.asked()), builds(clone.asked())]).toEqual([1, 2]);
  });

  test("installs again after the lockfile changed", async () => {
    using clone = createTrialClone();
    await clone.run("start.mjs");
    clone.write("package-lock.json", lockfile("zod"));
    await clone.run("start.mjs");
    expect(installs(clone.asked())).toBe(2);
  });

  test("takes what npm installed by hand, when it fits the lockfile", async () => {
    using clone = createTrialClone();
    await clone.run("start.mjs");
    clone.write("package-lock.json", lockfile("zod"));
    clone.write("node_modules/.package-lock.json", lockfile("zod"));
    await clone.run("start.mjs");
    expect(installs(clone.asked())).toBe(1);
  });

  test("twice at the same time installs once", async () => {
    using clone = createTrialClone();
    const codes = await Promise.all([clone.run("start.mjs"), clone.run("start.mjs")]);
    expect(codes.map(({ code }) => code)).toEqual([7, 7]);
    expect([installs(clone.asked()), builds(clone.asked())]).toEqual([1, 1]);
  });

  test("takes the lock of a set-up that died", async () => {
    using clone = createTrialClone();
    const gone = Bun.spawn(["true"]);
    await gone.exited;
    clone.write(".setup.lock", `${gone.pid}`);
    expect((await clone.run("start.mjs")).code).toBe(7);
  });

  test("without a network says what to do, and tries again the next time", async () => {
    using clone = createTrialClone();
    const { code, err } = await clone.run("start.mjs", { env: { NPM_FAILS: "code EAI_AGAIN" } });
    expect(code).toBe(1);
    expect(err).toContain("npm error code EAI_AGAIN");
    expect(err).toContain("npm cannot reach its registry");
    expect((await clone.run("start.mjs")).code).toBe(7);
  });

  test("passes a signal on once, however often it comes", async () => {
    using clone = createTrialClone();
    await clone.run("start.mjs");
    const start = clone.spawn("start.mjs", { env: { STAYS: "yes" } });
    const reader = start.stdout.getReader();
    await reader.read();
    start.kill("SIGINT");
    start.kill("SIGTERM");
    start.kill("SIGINT");
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value).trim().split(" ").toSorted()).toEqual(["SIGINT", "SIGTERM"]);
    expect(await start.exited).toBe(7);
  });
});

describe(".env", () => {
  const greet = async (line: string, env = {}) => {
    using clone = createTrialClone();
    clone.write(".env", `# a comment\n\n${line}\n`);
    return await clone.run("start.mjs", { env });
  };

  test.each([
    ["GREETING=hello", "hello"],
    ["GREETING = hello you # a comment", "hello you"],
    [`GREETING='a $b # c' # a comment`, "a $b # c"],
    [`export GREETING="a=b"`, "a=b"],
    ["GREETING=", ""],
  ])("%s", async (line, value) => {
    expect((await greet(line)).out).toContain(`greeting: ${value}\n`);
  });

  test("gives way to the environment", async () => {
    expect((await greet("GREETING=hello", { GREETING: "welcome" })).out).toContain("greeting: welcome\n");
  });

  test("with a line that says nothing is refused by number", async () => {
    const { code, err } = await greet("GREETING hello");
    expect([code, err.trim().split("\n").at(-1)]).toEqual([
      1,
      ".env, line 3: write NAME=value, or start the line with #",
    ]);
  });
});

test("npm run hands its arguments on", async () => {
  using clone = createTrialClone();
  await clone.run("run.mjs", { args: ["demo.ts", "--messages", "100 000"] });
  expect(clone.asked().at(-1)).toBe("bun --no-orphans demo.ts --messages 100 000");
  expect(readFileSync(clone.path("node_modules/.windi-stamp"), "utf8")).toContain(process.arch);
});
