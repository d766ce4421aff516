// The running PGlite: started by the first query, started again after a crash, with a checkpoint when its log has grown.
import { PGlite } from "@electric-sql/pglite";
import { EmbeddedCrash, refuseAfterCrash } from "./embedded-crash.ts";
import { createOnce } from "./embedded-creation.ts";
import { SyncedFiles, startParameters, type Sync } from "./embedded-files.ts";

export interface Engine extends AsyncDisposable {
  /** @throws EmbeddedCrash while it cannot be started */
  client(): Promise<PGlite>;
  /** Whether it is running, or starting. */
  readonly isUp: boolean;
}

interface EngineNeeds {
  /** The directory of the database files. */
  path: string;
  sync?: Sync | undefined;
  checkpointCheckMs?: number;
  /** How much of the log a start after a crash may have to read again: three of its files. */
  checkpointBytes?: number;
}

/** A start holds everything else up, and on a disk that is still full it is in vain. */
const restartPauseMs = 2000;

const isDue =
  "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > $1 as is_due from pg_control_checkpoint()";

export function createEngine({
  path,
  sync,
  checkpointCheckMs = 5000,
  checkpointBytes = 48 * 1024 * 1024,
}: EngineNeeds): Engine {
  let running: Promise<PGlite> | undefined;
  let lastFailure: { error: unknown; retryAtMs: number } | undefined;

  async function start(): Promise<PGlite> {
    try {
      return await createOnce(path, () => open(path, sync, () => (running = undefined)));
    } catch (error) {
      running = undefined;
      lastFailure = { error, retryAtMs: performance.now() + restartPauseMs };
      throw error;
    }
  }

  // PostgreSQL's own checkpoints need a process beside it, which PGlite has not: its log would only grow.
  async function checkpointWhenDue(): Promise<void> {
    const client = await running;
    const answer = await client?.query<{ is_due: boolean }>(isDue, [checkpointBytes]);
    if (answer?.rows[0]?.is_due) await client?.query("checkpoint");
  }
  // What stops a checkpoint stops the next statement too, and whoever asked for that one is told.
  const timer = setInterval(() => void checkpointWhenDue().catch(() => {}), checkpointCheckMs);
  timer.unref();

  return {
    async client() {
      if (running) return running;
      if (lastFailure && performance.now() < lastFailure.retryAtMs) throw lastFailure.error;
      running = start();
      return running;
    },
    get isUp() {
      return running !== undefined;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      const client = await running?.catch(() => undefined);
      await client?.close();
    },
  };
}

async function open(path: string, sync: Sync | undefined, onCrash: () => void): Promise<PGlite> {
  const files = new SyncedFiles(path, sync);
  let lastError: string | undefined;
  try {
    const client = await PGlite.create({
      fs: files,
      startParams: startParameters(PGlite.defaultStartParams),
      onStderr(line) {
        lastError = /(?:ERROR|FATAL|PANIC): .*/.exec(line)?.[0] ?? lastError;
        return true;
      },
    });
    refuseAfterCrash(client, (error) => {
      files.release();
      onCrash();
      return new EmbeddedCrash(lastError, error);
    });
    return client;
  } catch (error) {
    files.release();
    throw new EmbeddedCrash(lastError, error);
  }
}
