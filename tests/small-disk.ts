// A disk of a few megabytes that a test can fill and empty: a file system in memory.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./harness.ts";

export interface SmallDisk extends AsyncDisposable {
  /** Everybody may write into it. */
  readonly path: string;
  readonly freeBytes: number;
  /** Fills it with a file of our own, so that so much is left. */
  fill(leaveBytes: number): void;
  /** Takes that file away. */
  clear(): void;
}

const megabyte = 1024 * 1024;

function run(command: string, ...args: string[]): string {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? "" : stderr || String(error);
}

/**
 * Mounts a tmpfs; whoever is not root does so in a namespace of a process of its own, through which the path leads.
 * @throws Error where the kernel allows neither, as in a container without the right to mount
 */
export async function createSmallDisk(megabytes: number): Promise<SmallDisk> {
  const directory = temporaryDirectory();
  const mount = ["mount", "-t", "tmpfs", "-o", `size=${megabytes}m,mode=1777`, "tmpfs", directory];
  let path = directory;
  let holder: Bun.Subprocess<"ignore", "pipe", "ignore"> | undefined;
  const refusal = run(mount[0] as string, ...mount.slice(1));
  if (refusal !== "") {
    holder = Bun.spawn(
      [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        `${mount.join(" ")} && echo held && exec sleep 3600`,
      ],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    const { value } = await holder.stdout.getReader().read();
    if (value === undefined)
      throw new Error(`The tests need a small disk; run them as root, with the right to mount: ${refusal}`);
    path = `/proc/${holder.pid}/root${directory}`;
  }
  const ballast = join(path, "ballast");
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };

  return {
    path,
    get freeBytes() {
      return freeBytes();
    },
    fill(leaveBytes) {
      const file = openSync(ballast, "a");
      const block = Buffer.alloc(megabyte);
      try {
        for (
          let left = freeBytes() - leaveBytes;
          left > 0;
          left -= writeSync(file, block, 0, Math.min(left, megabyte))
        );
      } finally {
        closeSync(file);
      }
    },
    clear: () => rmSync(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      if (holder) {
        holder.kill();
        await holder.exited;
        return;
      }
      const trouble = run("umount", directory);
      if (trouble !== "") throw new Error(trouble);
    },
  };
}
