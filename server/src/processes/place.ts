// The place of one server process: whoever ends in it is followed by another.
import type { Logger } from "pino";
import type { Child } from "./child.ts";

export interface Place {
  /** Whether a process serves here. */
  readonly isServing: boolean;
  /** Starts the first process; resolves with its address, or that of a later one, when it serves. */
  start(): Promise<string>;
  /**
   * Has another process take the place; resolves when that one serves.
   * @throws Error that says why it does not; another is tried all the same
   */
  renew(): Promise<void>;
  /** Ends what is there, for good; resolves with its exit code. */
  end(): Promise<number>;
}

interface PlaceNeeds {
  spawn(): Child;
  /** A process ended by itself. @returns whether another is to follow */
  onLoss(code: number): boolean;
  log: Logger;
  /** Milliseconds since any moment. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
  /** Calls after so long, unless what it answers is called before. */
  after(delayMs: number, call: () => void): () => void;
}

/** A process that is told to end does so within 10 s, or it hangs. */
const maxDrainMs = 9700;
const maxStartMs = 60_000;
/** A process that lived for so long was well. */
const healthyMs = 60_000;
const [baseMs, capMs] = [500, 30_000];

/** With full jitter: what fails for all is not tried again by all at once. */
const backoffMs = (failures: number, random: () => number) =>
  random() * Math.min(capMs, baseMs * 2 ** failures);

export function createPlace({ spawn, onLoss, log, now, random, after }: PlaceNeeds): Place {
  let child: Child | undefined;
  /** Told of the next process that serves, or that ends before it does. */
  let awaiting: { served(url: string): void; lost(error: Error): void } | undefined;
  let running: Promise<number> | undefined;
  let endPause = () => {};
  let isServing = false;
  let isRenewing = false;
  let isOver = false;

  const pause = (delayMs: number) =>
    new Promise<void>((resolve) => {
      const cancel = after(delayMs, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });

  function trySpawn(): Child | undefined {
    try {
      return spawn();
    } catch (error) {
      log.error({ err: error }, "process not started");
      return undefined;
    }
  }

  async function runOne(): Promise<number> {
    const own = trySpawn();
    if (!own) return 1;
    child = own;
    void own.ready.then((url) => {
      isServing = true;
      awaiting?.served(url);
    });
    const code = await own.exited;
    child = undefined;
    isServing = false;
    return code;
  }

  async function run(): Promise<number> {
    let code = 0;
    for (let failures = 0; !isOver; failures++) {
      const startedAt = now();
      code = await runOne();
      if (isOver) return code;
      if (isRenewing) {
        isRenewing = false;
        failures = -1;
        continue;
      }
      if (!onLoss(code)) return code;
      awaiting?.lost(new Error(`It ended with code ${code} before it served`));
      if (now() - startedAt >= healthyMs) failures = 0;
      const delayMs = Math.round(backoffMs(failures, random));
      log.error({ code, delay_ms: delayMs }, "process ended");
      await pause(delayMs);
      code = 0;
    }
    return code;
  }

  /** Whoever hangs is killed. */
  function stop(how: "end" | "retire"): void {
    const leaving = child;
    if (!leaving) return;
    leaving[how]();
    const cancel = after(maxDrainMs, leaving.kill);
    void leaving.exited.then(cancel);
  }

  return {
    get isServing() {
      return isServing;
    },
    start() {
      running ??= run();
      return new Promise((resolve) => {
        awaiting = { served: resolve, lost: () => {} };
      });
    },
    async renew() {
      const { promise, resolve: served, reject: lost } = Promise.withResolvers<string>();
      const late = () => lost(new Error(`It does not serve after ${maxStartMs / 1000} s`));
      const cancel = after(maxStartMs, late);
      awaiting = { served, lost };
      isRenewing = child !== undefined;
      stop("retire");
      endPause();
      await promise.finally(cancel);
    },
    async end() {
      isOver = true;
      stop("end");
      endPause();
      return (await running) ?? 0;
    },
  };
}
