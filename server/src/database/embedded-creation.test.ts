import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../../../tests/harness.ts";
import { createOnce } from "./embedded-creation.ts";

const make = (path: string, content: string) => async () => {
  if (existsSync(join(path, "PG_VERSION"))) return "found";
  writeFileSync(join(path, "PG_VERSION"), content);
  mkdirSync(join(path, "base"));
  return "made";
};

describe("the first start", () => {
  test("makes the database for its user alone, and later ones find it", async () => {
    const path = join(temporaryDirectory(), "data", "database");
    mkdirSync(join(path, ".."), { recursive: true });
    expect(await createOnce(path, make(path, "first"))).toBe("made");
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(await createOnce(path, make(path, "second"))).toBe("found");
    expect(await Bun.file(join(path, "PG_VERSION")).text()).toBe("first");
    expect(readdirSync(join(path, ".."))).toEqual(["database"]);
  });

  test("that was interrupted leaves nothing that the next one takes for a database", async () => {
    const path = join(temporaryDirectory(), "database");
    const interrupted = createOnce(path, async () => {
      await make(path, "half")();
      throw new Error("interrupted");
    });
    expect(await interrupted.catch((error: Error) => error.message)).toBe("interrupted");
    expect(await createOnce(path, make(path, "whole"))).toBe("made");
    expect(await Bun.file(join(path, "PG_VERSION")).text()).toBe("whole");
    expect(await createOnce(path, make(path, "again"))).toBe("found");
  });

  test("a failure of a later start throws nothing away", async () => {
    const path = join(temporaryDirectory(), "database");
    await createOnce(path, make(path, "kept"));
    await createOnce(path, () => Promise.reject(new Error("no"))).catch(() => {});
    expect(await createOnce(path, make(path, "again"))).toBe("found");
    expect(await Bun.file(join(path, "PG_VERSION")).text()).toBe("kept");
  });
});
