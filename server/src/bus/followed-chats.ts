// Which chats a node wants to hear of. A chat that was left is kept for a while, since people come back.

interface FollowedChatsNeeds {
  begin(chatId: string): void;
  end(chatId: string): void;
  now(): number;
  /** How long a chat is kept that nobody follows any more. */
  lingerMs: number;
  /** So many of them at most; beyond that the oldest go early. */
  maxLingering: number;
}

export interface FollowedChats {
  follow(chatId: string): void;
  unfollow(chatId: string): void;
  /** Ends what was left long enough ago. */
  sweep(): void;
  /** All that has begun and has not ended. */
  readonly chats: ReadonlySet<string>;
}

export function createFollowedChats({
  begin,
  end,
  now,
  lingerMs,
  maxLingering,
}: FollowedChatsNeeds): FollowedChats {
  const chats = new Set<string>();
  /** Chat → when it ends. Each waits equally long, so the first in the map is the first to end. */
  const leaving = new Map<string, number>();

  function endNow(chatId: string): void {
    leaving.delete(chatId);
    chats.delete(chatId);
    end(chatId);
  }

  return {
    chats,
    follow(chatId) {
      if (leaving.delete(chatId) || chats.has(chatId)) return;
      chats.add(chatId);
      begin(chatId);
    },
    unfollow(chatId) {
      if (!chats.has(chatId) || leaving.has(chatId)) return;
      leaving.set(chatId, now() + lingerMs);
      if (leaving.size <= maxLingering) return;
      const [oldest] = leaving.keys();
      if (oldest !== undefined) endNow(oldest);
    },
    sweep() {
      const time = now();
      for (const [chatId, endsAt] of leaving) {
        if (endsAt > time) return;
        endNow(chatId);
      }
    },
  };
}
