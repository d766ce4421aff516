// Who is writing right now: shown for the time that the server gives, told at most every three seconds.
import type { Clock } from "./clock.ts";
import type { EventFrame } from "./frame.ts";
import { createObservable, type Observable, type Source } from "./observable.ts";

export interface TypingState {
  /** Those who are worth naming, the one who began first at the front. */
  readonly users: readonly { readonly userId: string; readonly userName: string }[];
  /** How many write; more than `users` when they are too many to name. */
  readonly count: number;
}

/** Of a server that does not say how long. */
const defaultExpiryMs = 6000;
const pauseMs = 3000;
const nobody: TypingState = { users: [], count: 0 };

interface Room {
  source: Source<TypingState>;
  /** User id → the end of showing it. */
  ends: Map<string, () => void>;
  endOfMany: () => void;
}

interface TypingNeeds {
  clock: Clock;
  tell: (chatId: string) => void;
}

export function createTyping({ clock, tell }: TypingNeeds) {
  const rooms = new Map<string, Room>();
  const toldAt = new Map<string, number>();

  function room(chatId: string): Room {
    const found = rooms.get(chatId) ?? {
      source: createObservable(nobody),
      ends: new Map<string, () => void>(),
      endOfMany: () => {},
    };
    rooms.set(chatId, found);
    return found;
  }

  function name({ source, ends }: Room, userId: string, userName: string, expiryMs: number): void {
    ends.get(userId)?.();
    ends.set(
      userId,
      clock.later(expiryMs, () => unname({ source, ends }, userId)),
    );
    const { users } = source.get();
    if (users.some((user) => user.userId === userId)) return;
    source.set({ users: [...users, { userId, userName }], count: users.length + 1 });
  }

  function unname({ source, ends }: Pick<Room, "source" | "ends">, userId: string): void {
    if (!ends.has(userId)) return;
    ends.get(userId)?.();
    ends.delete(userId);
    const users = source.get().users.filter((user) => user.userId !== userId);
    source.set({ users, count: users.length });
  }

  function clear(of: Room): void {
    of.endOfMany();
    for (const end of of.ends.values()) end();
    of.ends.clear();
    of.source.set(nobody);
  }

  return {
    of: (chatId: string): Observable<TypingState> => room(chatId).source,
    hear(frame: EventFrame): void {
      if (frame.event === "typing") {
        const { chat_id, user_id, user_name, expires_in_ms = defaultExpiryMs } = frame;
        name(room(chat_id), user_id, user_name, expires_in_ms);
      } else if (frame.event === "many_typing") {
        const many = room(frame.chat_id);
        clear(many);
        if (frame.count === 0) return;
        many.source.set({ users: [], count: frame.count });
        many.endOfMany = clock.later(frame.expires_in_ms, () => clear(many));
      } else if (frame.event === "new_message") {
        // What they wrote is here.
        const found = rooms.get(frame.data.chat_id);
        if (found) unname(found, frame.data.sender.id);
      }
    },
    tell(chatId: string): void {
      const now = clock.now();
      if (now - (toldAt.get(chatId) ?? -Infinity) < pauseMs) return;
      toldAt.set(chatId, now);
      tell(chatId);
    },
    /** What was sent ends the writing: the next key may be told at once. */
    wrote: (chatId: string): void => void toldAt.delete(chatId),
    lost(): void {
      for (const each of rooms.values()) clear(each);
    },
  };
}

export type Typing = ReturnType<typeof createTyping>;
