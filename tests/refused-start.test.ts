import { existsSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { temporaryDirectory } from "./harness.ts";
import { startProcess } from "./process.ts";

/** Starts a server that cannot; its data directory does not exist yet. */
async function start(settings: Record<string, string>) {
  const DATA_DIR = join(temporaryDirectory(), "data");
  await using server = startProcess({ SERVER_HOST: "127.0.0.1", SERVER_PORT: "0", DATA_DIR, ...settings });
  const { code } = await server.exited;
  return { code, log: server.log, errors: server.errors, hasData: existsSync(join(DATA_DIR, "database")) };
}

const published = join(temporaryDirectory(), "secret");
writeFileSync(published, "your-secret-key-your-secret-key-1234\n");

test.concurrent.each<[string, Record<string, string>, string]>([
  [
    "a short key",
    { JWT_SECRET_KEY: "secret" },
    "JWT_SECRET_KEY must have at least 32 bytes; make one with: openssl rand -base64 48",
  ],
  [
    "a published key in a file",
    { JWT_SECRET_KEY_FILE: published },
    "JWT_SECRET_KEY is a published example; make one with: openssl rand -base64 48",
  ],
  [
    "a key twice",
    { JWT_SECRET_KEY: "x", JWT_SECRET_KEY_FILE: published },
    "Set JWT_SECRET_KEY or JWT_SECRET_KEY_FILE, not both",
  ],
  [
    "an address of another machine",
    { SERVER_HOST: "203.0.113.1" },
    "This machine does not have the address to listen on; check SERVER_HOST",
  ],
])("with %s nothing starts: one line, exit code 78", async (_, environment, line) => {
  expect(await start(environment)).toEqual({ code: 78, log: [], errors: `${line}\n`, hasData: false });
});

test("on a port that is taken nothing starts", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  expect(await start({ SERVER_PORT: String(port) })).toEqual({
    code: 78,
    log: [],
    errors: "The port is in use by another program; stop it, or set SERVER_PORT\n",
    hasData: false,
  });
  other.close();
});
