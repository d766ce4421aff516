// Runs `bun test` with the given arguments beside a PostgreSQL and a NATS server, whose addresses are TEST_POSTGRES_URL and
// TEST_NATS_URL meanwhile, and with a directory for what the tests write, which goes with them: `bun test` tells no test of its end.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats } from "./nats.ts";
import { startPostgres } from "./postgres.ts";

await using postgres = await startPostgres();
await using nats = await startNats();
const directory = mkdtempSync(join(tmpdir(), "windi-tests-"));
// A PostgreSQL that a test starts may run as another user, and must find its way into it.
chmodSync(directory, 0o711);
const child = Bun.spawn([process.execPath, "test", ...process.argv.slice(2)], {
  stdio: ["ignore", "inherit", "inherit"],
  env: {
    ...process.env,
    TEST_POSTGRES_URL: postgres.url,
    TEST_NATS_URL: nats.url,
    TEST_DIRECTORY: directory,
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await child.exited;
rmSync(directory, { recursive: true, force: true });
