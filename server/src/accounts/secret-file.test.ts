import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { ConfigError } from "../config.ts";
import { loadOrCreateSecret } from "./secret-file.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "windi-secret-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("the key is made once, of 48 random bytes, and only its owner may read it", () => {
  const data = join(directory, "data");
  const secret = loadOrCreateSecret(data);
  expect(Buffer.from(secret, "base64url")).toHaveLength(48);
  expect(modeOf(data)).toBe("700");
  expect(modeOf(join(data, "jwt-secret"))).toBe("600");
  expect(loadOrCreateSecret(data)).toBe(secret);
  expect(loadOrCreateSecret(join(directory, "other"))).not.toBe(secret);
});

test("processes that make it at the same time end with one key", async () => {
  const code = `const { loadOrCreateSecret } = await import(process.argv[1]);
    process.stdout.write("ready");
    for await (const chunk of process.stdin) { void chunk; break; }
    for (let i = 0; i < 50; i++) process.stdout.write(" " + loadOrCreateSecret(process.argv[2] + "/" + i));
    process.exit(0);`;
  const path = join(import.meta.dir, "secret-file.ts");
  const children = Array.from({ length: 4 }, () =>
    Bun.spawn([process.execPath, "-e", code, path, directory], { stdin: "pipe", stdout: "pipe" }),
  );
  const started = await Promise.all(
    children.map(async ({ stdin, stdout }) => {
      const chunks = stdout[Symbol.asyncIterator]();
      await chunks.next();
      return { stdin, chunks };
    }),
  );
  for (const { stdin } of started) {
    void stdin.write("go");
    void stdin.flush();
  }
  const outputs = await Promise.all(
    started.map(async ({ chunks }) => {
      let said = "";
      for await (const chunk of chunks) said += new TextDecoder().decode(chunk);
      return said.trim();
    }),
  );
  expect(outputs[0]?.split(" ")).toHaveLength(50);
  expect(new Set(outputs).size).toBe(1);
  expect(readdirSync(join(directory, "0"))).toEqual(["jwt-secret"]);
});

test.each(["", "short", "a".repeat(64), "changeme-changeme-changeme-changeme"])(
  "a file with the key %p is refused and kept",
  (key) => {
    const path = join(directory, "jwt-secret");
    writeFileSync(path, key);
    expect(() => loadOrCreateSecret(directory)).toThrow(ConfigError);
    expect(() => loadOrCreateSecret(directory)).toThrow(path);
    expect(readFileSync(path, "utf8")).toBe(key);
  },
);

test("a place where nothing can be written is named with the remedy", () => {
  writeFileSync(join(directory, "file"), "");
  expect(() => loadOrCreateSecret(join(directory, "file"))).toThrow(ConfigError);
});
