// What may happen a thousand times a second, told once a minute.

interface RareNeeds {
  /** Gets how often it happened since it was last told. */
  tell(count: number, error: unknown): void;
  now(): number;
}

const intervalMs = 60_000;

/** Answers what to call each time that it happens. */
export function createRare({ tell, now }: RareNeeds): (error?: unknown) => void {
  let count = 0;
  let nextAt = -Infinity;
  return (error) => {
    count++;
    if (now() < nextAt) return;
    nextAt = now() + intervalMs;
    tell(count, error);
    count = 0;
  };
}
