// Coming back after a connection was lost, as a good client does: full jitter, and what the server asks for.
import { HandshakeRefused } from "./client.ts";
import type { Follower } from "./follower.ts";

const firstMs = 500;
const maxMs = 30_000;

/** Resolves when the follower is connected and has heard all that it missed. */
export async function comeBack(
  follower: Follower,
  firstWaitMs = follower.comeBackMs ?? Math.random() * firstMs,
): Promise<void> {
  let waitMs = firstWaitMs;
  for (let attempt = 1; ; attempt++) {
    await Bun.sleep(waitMs);
    try {
      await follower.open();
      return;
    } catch (error) {
      const askedMs = error instanceof HandshakeRefused ? error.retryAfterMs : undefined;
      waitMs = askedMs ?? Math.random() * Math.min(maxMs, firstMs * 2 ** attempt);
    }
  }
}

/** Does the work for all, so many at a time. */
export async function forAll<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>) {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
