// Waiting for a condition, never for a length of time.

const pauseMs = 20;

/** Asks until the answer is neither undefined nor false, and answers with it; a condition that throws counts as not yet met. */
export async function until<T>(
  condition: () => Promise<T> | T,
  patienceMs = 20_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    let last: unknown;
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`Not so within ${patienceMs} ms`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
