// Whether this process keeps up: how late its timers come, over how long.

export interface LoopLag extends Disposable {
  /** Whether every timer of the last second came too late. */
  isLagging(): boolean;
}

interface LoopLagNeeds {
  /** Milliseconds since any moment. */
  now(): number;
  /** Told how late each timer comes. */
  onLook?(lateSeconds: number, intervalSeconds: number): void;
}

const intervalMs = 100;
/** A timer that is so late says that people wait. */
const lateMs = 500;
/** A pause that is shorter, such as one of the garbage collector, is not worth turning people away. */
const patienceMs = 1000;

export function createLoopLag({ now, onLook }: LoopLagNeeds): LoopLag {
  let expectedAt = now() + intervalMs;
  let lateSince: number | undefined;

  function look() {
    const at = now();
    onLook?.(Math.max(0, at - expectedAt) / 1000, intervalMs / 1000);
    lateSince = at - expectedAt > lateMs ? (lateSince ?? expectedAt) : undefined;
    expectedAt = at + intervalMs;
  }
  const timer = setInterval(look, intervalMs);
  timer.unref();

  return {
    isLagging: () => lateSince !== undefined && now() - lateSince >= patienceMs,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
