// A server process as its supervisor sees it.
import { fileURLToPath } from "node:url";
import { Ready, retire } from "./parent.ts";

export interface Child {
  /** Resolves with the address when it serves; never when it ends before. */
  readonly ready: Promise<string>;
  /** Resolves with its exit code; 128 and the signal's number for one that was killed. */
  readonly exited: Promise<number>;
  /** Asks it to end. */
  end(): void;
  /** Asks it to end, while others serve. */
  retire(): void;
  kill(): void;
}

const program = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Starts this program again, as the server process with this number. */
export function spawnChild(index: number, environment: Record<string, string | undefined>): Child {
  const { promise: ready, resolve } = Promise.withResolvers<string>();
  const child = Bun.spawn([process.execPath, program, `--process=${index}`], {
    env: environment,
    stdio: ["ignore", "inherit", "inherit"],
    ipc(message) {
      const parsed = Ready.safeParse(message);
      if (parsed.success) resolve(parsed.data.url);
    },
  });

  return {
    ready,
    exited: child.exited,
    end: () => child.kill("SIGTERM"),
    retire: () => child.send(retire),
    kill: () => child.kill("SIGKILL"),
  };
}
