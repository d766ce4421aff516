// Time, as what runs now and then needs it.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  every(intervalMs: number, call: () => void): Disposable;
  /** Calls back after what is being done now. */
  soon(call: () => void): void;
}

export function createClock(): Clock {
  return {
    now: Date.now,
    every(intervalMs, call) {
      const timer = setInterval(call, intervalMs);
      timer.unref();
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
    soon: (call) => void setImmediate(call),
  };
}
