// Which chats anybody on this node hears, and how far each is known here to have come.
import type { Position } from "@windi/protocol";

export interface Interest {
  /**
   * One more hears the chat; for the first, the other nodes are asked to tell of it.
   * @returns the id, as one and the same string for all who hear the chat: fifty of one's own are 4 KB per person
   */
  add(chatId: string): string;
  remove(chatId: string): void;
  all(): Iterable<string>;
  /** The chat came to this position, and whoever hears it here was told. */
  note(position: Position): void;
  known(chatId: string): Position | undefined;
  /**
   * From now on positions of all chats are kept, not only of those that somebody hears: a reader of positions then
   * knows what came after it has read. Call the answer when that is over.
   */
  watch(): () => void;
}

interface Entry {
  readonly chatId: string;
  count: number;
  position?: Position;
}

interface InterestNeeds {
  follow(chatId: string): void;
  unfollow(chatId: string): void;
}

export function createInterest({ follow, unfollow }: InterestNeeds): Interest {
  const entries = new Map<string, Entry>();
  const noted = new Map<string, Position>();
  let watchers = 0;

  const later = (one: Position | undefined, other: Position) =>
    one && one.version >= other.version ? one : other;

  return {
    add(chatId) {
      const entry = entries.get(chatId);
      if (entry) {
        entry.count++;
        return entry.chatId;
      }
      const position = noted.get(chatId);
      entries.set(chatId, { chatId, count: 1, ...(position && { position }) });
      follow(chatId);
      return chatId;
    },
    remove(chatId) {
      const entry = entries.get(chatId);
      if (!entry || --entry.count > 0) return;
      entries.delete(chatId);
      unfollow(chatId);
    },
    all: () => entries.keys(),
    note(position) {
      const entry = entries.get(position.chat_id);
      if (entry) entry.position = later(entry.position, position);
      else if (watchers > 0) noted.set(position.chat_id, later(noted.get(position.chat_id), position));
    },
    known: (chatId) => entries.get(chatId)?.position ?? noted.get(chatId),
    watch() {
      watchers++;
      return () => {
        if (--watchers === 0) noted.clear();
      };
    },
  };
}
