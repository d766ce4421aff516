// Runs `bun test` with the given arguments beside a PostgreSQL server, whose address is TEST_POSTGRES_URL meanwhile.
import { startPostgres } from "./postgres.ts";

await using postgres = await startPostgres();
const child = Bun.spawn([process.execPath, "test", ...process.argv.slice(2)], {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, TEST_POSTGRES_URL: postgres.url },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await child.exited;
