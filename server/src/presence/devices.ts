// Whose connections are open on this node. However many a person has, they come once and go once.

export interface Devices {
  opened(userId: string): void;
  closed(userId: string): void;
  /** Lets those go whose last connection ended `holdMs` ago or before. */
  expire(): void;
  /** Lets everybody go. */
  clear(): void;
}

interface DevicesNeeds {
  came(userId: string): void;
  /** @param endedAtMs when the last connection ended */
  went(userId: string, endedAtMs: number): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** For so long whoever lost the last connection still counts: to reconnect is not to depart. */
  holdMs: number;
}

export function createDevices({ came, went, now, holdMs }: DevicesNeeds): Devices {
  const counts = new Map<string, number>();
  /** User → when the last connection ended; the longest ago first. */
  const held = new Map<string, number>();

  return {
    opened(userId) {
      const count = counts.get(userId) ?? 0;
      counts.set(userId, count + 1);
      if (count === 0 && !held.delete(userId)) came(userId);
    },
    closed(userId) {
      const count = counts.get(userId) ?? 0;
      if (count > 1) counts.set(userId, count - 1);
      else if (counts.delete(userId)) held.set(userId, now());
    },
    expire() {
      for (const [userId, endedAtMs] of held) {
        if (now() - endedAtMs < holdMs) return;
        held.delete(userId);
        went(userId, endedAtMs);
      }
    },
    clear() {
      for (const [userId, endedAtMs] of held) went(userId, endedAtMs);
      for (const userId of counts.keys()) went(userId, now());
      held.clear();
      counts.clear();
    },
  };
}
