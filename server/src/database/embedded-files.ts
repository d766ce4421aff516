// The embedded database's files with a real fsync: PGlite by itself never syncs, so a power cut could take what was acknowledged.
import { fsyncSync } from "node:fs";
import type { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";
import { planning } from "./database.ts";

type ModuleOptions = Parameters<NodeFS["init"]>[1];

interface Stream {
  nfd: number;
}

/** What PGlite's WebAssembly module has beside its declared type: the file system that is mounted on the real one. */
interface WithNodeFiles {
  NODEFS: {
    stream_ops: { fsync?: (stream: Stream) => number };
    /** Turns an error of Node into one that PostgreSQL understands; any other would end its loop. */
    tryFSOperation(operation: () => void): void;
  };
}

/** Brings what was written to an open file to the disk. */
export type Sync = (descriptor: number) => void;

export class SyncedFiles extends NodeFS {
  readonly #sync: Sync;

  constructor(path: string, sync: Sync = fsyncSync) {
    super(path);
    this.#sync = sync;
  }

  override async init(pg: PGlite, options: ModuleOptions) {
    const { emscriptenOpts } = await super.init(pg, options);
    const addFsync = (module: unknown) => {
      const { NODEFS } = module as WithNodeFiles;
      NODEFS.stream_ops.fsync = (stream) => {
        NODEFS.tryFSOperation(() => this.#sync(stream.nfd));
        return 0;
      };
    };
    return {
      emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addFsync] },
    };
  }

  /** Closes what PostgreSQL still has open after it ended by itself. */
  release(): void {
    (this.pg?.Module as { FS: { quit(): void } } | undefined)?.FS.quit();
  }
}

/** PGlite's own parameters without the one that switches fsync off; `fdatasync` does nothing there, `fsync` does. */
export function startParameters(defaults: readonly string[]): string[] {
  return [
    ...defaults.filter((parameter) => parameter !== "-F"),
    ...["-c", "fsync=on", "-c", "wal_sync_method=fsync", "-c", "synchronous_commit=on"],
    // Its timer would go on, and hold the memory of a start that failed.
    ...["-c", "log_startup_progress_interval=0"],
    ...Object.entries(planning).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}
