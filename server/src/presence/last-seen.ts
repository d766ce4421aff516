// When people were last seen: kept until they are written, all at once, now and then.

export interface LastSeen {
  note(userId: string, atMs: number): void;
  /** Writes what is kept. What cannot be written is kept for the next time. @throws what `save` throws */
  write(): Promise<void>;
}

interface LastSeenNeeds {
  save(moments: readonly (readonly [userId: string, atMs: number])[]): Promise<void>;
}

/** While the database is away, whoever went longest ago is left out beyond so many. */
const maxKept = 200_000;
const maxRows = 10_000;

export function createLastSeen({ save }: LastSeenNeeds): LastSeen {
  const kept = new Map<string, number>();
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (kept.size > 0) {
      const some = [...kept.entries().take(maxRows)];
      await save(some);
      for (const [userId, atMs] of some) if (kept.get(userId) === atMs) kept.delete(userId);
    }
  }

  return {
    note(userId, atMs) {
      kept.delete(userId);
      kept.set(userId, atMs);
      const [oldest] = kept.keys();
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
    },
    async write() {
      // One at a time; a second call waits for the first, and writes what came meanwhile.
      await writing?.catch(() => {});
      writing ??= writeAll().finally(() => (writing = undefined));
      await writing;
    },
  };
}
