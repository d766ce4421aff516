// Where messages that are not sent yet outlive the program: a port, and the adapter that keeps nothing.

/** A message on its way, as it is kept. */
export interface StoredMessage {
  /** The idempotency key. */
  readonly key: string;
  readonly chatId: string;
  readonly text: string;
  readonly mentions: readonly string[];
  /** When it was written, in milliseconds since 1970. */
  readonly createdAt: number;
  /** Greater than that of what was written before: the order within the outbox. */
  readonly order: number;
  /** The code of the server's refusal; undefined while it is still to be sent. */
  readonly refusal: string | undefined;
}

/**
 * Keeps messages until they are sent. `save` replaces what has the same key, `remove` of what is not there is nothing.
 * Several clients may share one storage: a message that two of them send is stored once, by its key. With `watch`, what a
 * client that has ended left unsent is sent by another one.
 */
export interface OutboxStorage {
  load(): Promise<readonly StoredMessage[]> | readonly StoredMessage[];
  save(message: StoredMessage): Promise<void> | void;
  remove(key: string): Promise<void> | void;
  /** Tells of messages that another client of this storage has removed, if it can; answers with a way to end this. */
  watch?(removed: (key: string) => void): () => void;
}

/** Messages go with the program. */
export function createMemoryStorage(): OutboxStorage {
  const messages = new Map<string, StoredMessage>();
  return {
    load: () => [...messages.values()],
    save: (message) => void messages.set(message.key, message),
    remove: (key) => void messages.delete(key),
  };
}
