// Messages on their way: shown at once, kept until the server has stored them, each once, in order within a chat.
import { ApiError, ConnectionError, isFailure } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import type { MessageInfo } from "./contract.ts";
import { createDeliveries } from "./deliveries.ts";
import { createObservable, type Observable } from "./observable.ts";
import { fromStored, toStored, type OutboxEntry } from "./outbox-entry.ts";
import type { OutboxStorage, StoredMessage } from "./outbox-storage.ts";
import type { Patience } from "./patience.ts";

export interface OutboxState {
  /** In the order in which they were written. */
  readonly entries: readonly OutboxEntry[];
  /** What the storage failed with when it failed last: such messages are sent, but do not outlive the program. */
  readonly storageError: unknown;
}

export interface SendOptions {
  /** Ids of members whom the text names. */
  mentions?: readonly string[];
  /** Idempotency key, 1–64 characters: whoever sends the same again, says it once. A random one unless given. */
  key?: string;
}

export interface Outbox extends Observable<OutboxState> {
  /** Resolves when what an earlier run of the program left behind is here. */
  readonly loaded: Promise<void>;
  /** Never fails: what happens to the message is in the state. */
  send(chatId: string, text: string, options?: SendOptions): OutboxEntry;
  /**
   * Resolves when the server has stored the message with this key, however long that takes; fails when it is refused or
   * discarded, and when no such message is on its way.
   */
  delivered(key: string): Promise<MessageInfo>;
  /** Sends a refused message once more, under the same key and in its old place. */
  retry(key: string): void;
  /** Forgets a message that is queued or refused; false when it is on its way, sent, or not here. */
  discard(key: string): boolean;
}

interface OutboxNeeds {
  clock: Clock;
  newKey: () => string;
  storage: OutboxStorage;
  patience: Patience;
  /** Whether messages can go out now. */
  canSend: () => boolean;
  transmit: (entry: OutboxEntry) => Promise<MessageInfo>;
  /** Whether the message is still to come in a log that is shown. */
  isAwaited: (message: MessageInfo) => boolean;
}

/** What has been in a shared storage for so long may have been left behind by a client that is gone. */
const leftBehindMs = 30_000;

export function createOutbox(needs: OutboxNeeds) {
  const { clock, newKey, storage, patience, canSend, transmit, isAwaited } = needs;
  const state = createObservable<OutboxState>({ entries: [], storageError: undefined });
  const busy = new Set<string>();
  /** Keys of what is in the storage, as well as the storage can. Nothing else is sent. */
  const kept = new Set<string>();
  /** Keys that were dealt with while the storage was read. */
  const over = new Set<string>();
  const deliveries = createDeliveries();
  let cancelLook = () => {};
  let isEnded = false;

  const find = (key: string) => state.get().entries.find((entry) => entry.key === key);
  const show = (entries: readonly OutboxEntry[]) => state.set({ ...state.get(), entries });
  const put = (entry: OutboxEntry) =>
    show(state.get().entries.map((other) => (other.key === entry.key ? entry : other)));
  const drop = (key: string) => show(state.get().entries.filter((entry) => entry.key !== key));

  function forget(key: string): void {
    kept.delete(key);
    over.add(key);
    void keep(() => storage.remove(key));
  }

  async function keep(change: () => Promise<void> | void): Promise<void> {
    try {
      await change();
    } catch (storageError) {
      state.set({ ...state.get(), storageError });
    }
  }

  async function load(isWanted: (message: StoredMessage) => boolean = () => true): Promise<void> {
    over.clear();
    await keep(async () => {
      const isNews = (message: StoredMessage) => !find(message.key) && !over.has(message.key);
      const stored = (await storage.load()).filter((message) => isNews(message) && isWanted(message));
      if (isEnded) return;
      for (const { key } of stored) kept.add(key);
      const all = [...stored.map(fromStored), ...state.get().entries];
      show(all.toSorted((a, b) => a.order - b.order || (a.key < b.key ? -1 : 1)));
    });
    flushAll();
  }

  /** Another client of the storage may have ended before all that it wrote was sent. */
  function lookLater(): void {
    if (!storage.watch || isEnded) return;
    cancelLook = clock.later(leftBehindMs, () => {
      const isOld = ({ createdAt }: StoredMessage) => clock.now() - createdAt >= leftBehindMs;
      void (canSend() ? load(isOld) : Promise.resolve()).then(lookLater);
    });
  }

  /** Sends the chat's messages one after the other: so the order stays. */
  async function flush(chatId: string): Promise<void> {
    if (busy.has(chatId)) return;
    busy.add(chatId);
    await loaded;
    for (let attempt = 0; !isEnded && canSend();) {
      const next = state.get().entries.find((entry) => entry.chatId === chatId && entry.state === "queued");
      if (!next || !kept.has(next.key)) break;
      const failure = await attemptToSend(next);
      if (failure === undefined) attempt = 0;
      else if (canSend()) await patience.rest(attempt++, failure);
    }
    busy.delete(chatId);
  }

  /** Answers with the failure after which it makes sense to send the same again. */
  async function attemptToSend(entry: OutboxEntry): Promise<unknown> {
    put({ ...entry, state: "sending" });
    try {
      acknowledge(entry.key, await transmit(entry));
    } catch (error) {
      if (!isFailure(error)) throw error;
      // It may have been stored all the same, and the log may have told.
      if (find(entry.key)?.state !== "sending") return undefined;
      // Whoever is signed out sends it when they have signed in again.
      if (!(error instanceof ApiError) || error.retryable || error.status === 401) {
        put({ ...entry, state: "queued" });
        return error;
      }
      refuse(entry, error);
    }
    return undefined;
  }

  function refuse(entry: OutboxEntry, error: ApiError): void {
    const refused: OutboxEntry = { ...entry, state: "refused", error };
    put(refused);
    deliveries.reject(entry.key, error);
    void keep(() => storage.save(toStored(refused)));
  }

  /** The server has stored the message with this key. */
  function acknowledge(key: string, message: MessageInfo): void {
    const entry = find(key);
    if (!entry || entry.state === "sent") return;
    if (isAwaited(message)) put({ ...entry, state: "sent", message });
    else drop(key);
    forget(key);
    deliveries.resolve(key, message);
  }

  function flushAll(): void {
    for (const chatId of new Set(state.get().entries.map((entry) => entry.chatId))) void flush(chatId);
  }

  async function accept(entry: OutboxEntry): Promise<void> {
    await keep(() => storage.save(toStored(entry)));
    kept.add(entry.key);
    await flush(entry.chatId);
  }

  /** Another client of the storage has sent it, or its writer has thought better of it. */
  function dropElsewhere(key: string): void {
    kept.delete(key);
    over.add(key);
    if (!find(key)) return;
    drop(key);
    deliveries.reject(key, new Error("Another client of this storage has dealt with the message"));
  }

  const loaded = load();
  void loaded.then(lookLater);
  const stopWatching = storage.watch?.(dropElsewhere) ?? (() => {});

  const outbox: Outbox = {
    get: () => state.get(),
    subscribe: (listener) => state.subscribe(listener),
    loaded,
    send(chatId, text, { mentions = [], key = newKey() } = {}) {
      const held = find(key);
      if (held) return held;
      const { entries } = state.get();
      const createdAt = clock.now();
      const order = Math.max(createdAt, (entries.at(-1)?.order ?? 0) + 1);
      const entry: OutboxEntry = {
        key,
        chatId,
        text,
        mentions,
        createdAt,
        order,
        state: "queued",
      };
      show([...entries, entry]);
      void accept(entry);
      return entry;
    },
    delivered(key) {
      const entry = find(key);
      if (entry?.state === "sent") return Promise.resolve(entry.message);
      if (entry?.state === "refused") return Promise.reject(entry.error);
      return entry ? deliveries.wait(key) : Promise.reject(new RangeError(`No message has the key ${key}`));
    },
    retry(key) {
      const entry = find(key);
      if (entry?.state !== "refused") return;
      const { error: _error, ...written } = entry;
      const queued: OutboxEntry = { ...written, state: "queued" };
      put(queued);
      void accept(queued);
    },
    discard(key) {
      const entry = find(key);
      if (entry?.state !== "queued" && entry?.state !== "refused") return false;
      drop(key);
      forget(key);
      deliveries.reject(key, new Error("The message was discarded"));
      return true;
    },
  };

  return {
    outbox,
    acknowledge,
    flushAll,
    /** Logs of this chat have moved: what was awaited may have come. */
    settle(chatId: string): void {
      for (const entry of state.get().entries)
        if (entry.chatId === chatId && entry.state === "sent" && !isAwaited(entry.message)) drop(entry.key);
    },
    end(): void {
      isEnded = true;
      cancelLook();
      stopWatching();
      for (const { key } of state.get().entries) deliveries.reject(key, new ConnectionError("closed"));
    },
  };
}
