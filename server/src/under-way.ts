// What is being done right now, so that an end can wait for it.

export interface UnderWay {
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, or after `timeoutMs`; answers with how much still is. */
  idle(timeoutMs: number): Promise<number>;
}

export function createUnderWay(): UnderWay {
  let count = 0;
  const waiting: (() => void)[] = [];

  function done() {
    count--;
    if (count > 0) return;
    for (const resolve of waiting.splice(0)) resolve();
  }

  return {
    async track(work) {
      count++;
      try {
        return await work;
      } finally {
        done();
      }
    },
    async idle(timeoutMs) {
      if (count > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          waiting.push(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
      return count;
    },
  };
}
