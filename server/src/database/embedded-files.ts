// The embedded database's files with a real fsync: PGlite by itself never syncs, so a power cut could take what was acknowledged.
import { fsyncSync } from "node:fs";
import type { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

type ModuleOptions = Parameters<NodeFS["init"]>[1];

interface Stream {
  nfd: number;
}

/** What PGlite's WebAssembly module has beside its declared type: the file system that is mounted on the real one. */
interface WithNodeFiles {
  NODEFS: { stream_ops: { fsync?: (stream: Stream) => number } };
}

export class SyncedFiles extends NodeFS {
  override async init(pg: PGlite, options: ModuleOptions) {
    const { emscriptenOpts } = await super.init(pg, options);
    const addFsync = (module: unknown) => {
      (module as WithNodeFiles).NODEFS.stream_ops.fsync = (stream) => {
        fsyncSync(stream.nfd);
        return 0;
      };
    };
    return {
      emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addFsync] },
    };
  }
}

/** PGlite's own parameters without the one that switches fsync off; `fdatasync` does nothing there, `fsync` does. */
export function startParameters(defaults: readonly string[]): string[] {
  return [
    ...defaults.filter((parameter) => parameter !== "-F"),
    ...["-c", "fsync=on", "-c", "wal_sync_method=fsync", "-c", "synchronous_commit=on"],
  ];
}
