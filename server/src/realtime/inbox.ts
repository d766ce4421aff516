// The inbox of one connection: frames are handled in the order in which they came, and only so many may wait.

/** One frame, decoded and not yet started. */
export interface Task {
  /**
   * The next such task may start before this one has finished, which is how sends that follow each other end up in
   * one batch. Any other task waits for all before it, and all after it wait for it.
   */
  overlaps: boolean;
  /** Never rejects. */
  run(): Promise<void>;
}

export interface Inbox {
  push(frame: string | undefined): void;
}

interface InboxNeeds {
  prepare(frame: string | undefined): Task;
  /** Frames that wait or are under way. */
  maxFrames: number;
  /** Called instead of keeping a frame that is too many. */
  overflow(): void;
}

export function createInbox({ prepare, maxFrames, overflow }: InboxNeeds): Inbox {
  const waiting: (string | undefined)[] = [];
  const underWay = new Set<Promise<void>>();
  let isRunning = false;

  async function runAll() {
    isRunning = true;
    while (waiting.length > 0) {
      const task = prepare(waiting.shift());
      if (!task.overlaps && underWay.size > 0) await Promise.all(underWay);
      const done = task.run().finally(() => underWay.delete(done));
      underWay.add(done);
      if (!task.overlaps) await done;
    }
    isRunning = false;
  }

  return {
    push(frame) {
      if (waiting.length + underWay.size >= maxFrames) {
        overflow();
        return;
      }
      waiting.push(frame);
      if (!isRunning) void runAll();
    },
  };
}
