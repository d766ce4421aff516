// Open load: things happen when they are due, whether or not what came before is done.

export interface Arrivals {
  perSecond: number;
  /** At random, as independent people do, instead of one every so often. */
  isPoisson?: boolean;
  seconds: number;
}

/** Calls for each arrival, late ones included, with the moment at which it was due; resolves after the last. */
export async function arrive(
  { perSecond, isPoisson = false, seconds }: Arrivals,
  onArrival: (dueAt: number) => void,
): Promise<void> {
  const startedAt = performance.now();
  const end = startedAt + seconds * 1000;
  const gapMs = () => (isPoisson ? -Math.log(1 - Math.random()) : 1) * (1000 / perSecond);
  let dueAt = startedAt + gapMs();
  while (dueAt < end) {
    const waitMs = dueAt - performance.now();
    // A timer of less than a millisecond would be a busy loop.
    if (waitMs > 0) await Bun.sleep(Math.max(1, waitMs));
    for (const now = performance.now(); dueAt <= now && dueAt < end; dueAt += gapMs()) onArrival(dueAt);
  }
}
