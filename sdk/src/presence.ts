// Who is online, in the chats that are looked at.
import type { EventFrame } from "./frame.ts";
import { createObservable, type Observable, type Source } from "./observable.ts";

export interface PresenceOf {
  readonly isOnline: boolean;
  /** ISO 8601; null when the person does not show it, or was never seen. */
  readonly lastSeenAt: string | null;
}

export interface PresenceState {
  /** Members who are online, as far as they show it. */
  readonly onlineCount: number;
  /** User id → presence; empty in large chats. */
  readonly users: ReadonlyMap<string, PresenceOf>;
}

const nobody: PresenceState = { onlineCount: 0, users: new Map() };

export function createPresence() {
  const chats = new Map<string, Source<PresenceState>>();
  /** Chats of which the next frame tells all, not only what changed. */
  const stale = new Set<string>();

  function of(chatId: string): Source<PresenceState> {
    const source = chats.get(chatId) ?? createObservable(nobody);
    chats.set(chatId, source);
    return source;
  }

  return {
    of: (chatId: string): Observable<PresenceState> => of(chatId),
    hear(frame: EventFrame): void {
      if (frame.event !== "presence") return;
      const source = of(frame.chat_id);
      const users = new Map(stale.delete(frame.chat_id) ? [] : source.get().users);
      for (const { user_id, is_online, last_seen_at } of frame.users)
        users.set(user_id, { isOnline: is_online, lastSeenAt: last_seen_at });
      source.set({ onlineCount: frame.online_count, users });
    },
    /** What was heard is no longer kept up. */
    lost(): void {
      for (const chatId of chats.keys()) stale.add(chatId);
    },
  };
}

export type Presence = ReturnType<typeof createPresence>;
