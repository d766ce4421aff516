// Whether the database server answers: asked all the time, so that nobody waits long for one that is gone.

interface WatchNeeds {
  /** Rejects when there is no answer in time. */
  ask(): Promise<void>;
  /** Called each time that it turns out to be gone. */
  onAway(): void;
  intervalMs: number;
}

export interface Watch extends Disposable {
  readonly isAway: boolean;
  /** It answered when it was asked last. */
  readonly isUp: boolean;
  /** Asks now. */
  check(): Promise<void>;
}

export function createWatch({ ask, onAway, intervalMs }: WatchNeeds): Watch {
  let isAway = false;
  let isUp = false;
  let checking: Promise<void> | undefined;

  async function askOnce(): Promise<void> {
    try {
      await ask();
      isAway = false;
      isUp = true;
    } catch {
      isUp = false;
      if (!isAway) onAway();
      isAway = true;
    } finally {
      checking = undefined;
    }
  }

  const check = () => (checking ??= askOnce());
  const timer = setInterval(() => void check(), intervalMs);
  timer.unref();

  return {
    get isAway() {
      return isAway;
    },
    get isUp() {
      return isUp;
    },
    check,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
