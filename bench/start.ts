// Workload: starts. From the start of the process until /readyz says yes, with nothing there yet, and again.
import { startServer, temporaryDirectory } from "./programs.ts";
import type { Result } from "./report.ts";
import { runRounds, type Sample } from "./rounds.ts";
import { startPostgres } from "../tests/postgres.ts";
import type { WorkloadOptions } from "./workloads.ts";

export async function* start(options: WorkloadOptions): AsyncGenerator<Result> {
  await using postgres = await startPostgres();
  const variants = [
    { name: "embedded", run: () => measureStarts({}) },
    { name: "PostgreSQL", run: () => measureStarts({ DATABASE_URL: postgres.createDatabase() }) },
  ];
  yield {
    title: "Start",
    conditions: [
      "from the start of the server's process, on core 0, until /readyz answers 200, asked every 5 ms",
      "first: no data directory, no tables; again: the same database after an orderly end",
    ],
    rounds: await runRounds(variants, options),
    goals: [],
    chart: { metric: "again, ms", title: "ms until ready, tables being there" },
  };
}

async function measureStarts(database: Record<string, string>): Promise<Sample> {
  using directory = temporaryDirectory();
  const readyAfterMs = async () => {
    await using server = await startServer({ DATA_DIR: directory.path, ...database });
    return server.readyAfterMs;
  };
  return {
    metrics: { "first, ms": await readyAfterMs(), "again, ms": await readyAfterMs() },
    marks: [],
    faults: [],
  };
}
