// What this browser keeps of one person, so that the client opens and writes without a network: one database for each.
import {
  createMemoryStorage,
  type ChatSummary,
  type ClientCache,
  type OutboxStorage,
  type StoredLog,
  type StoredMessage,
} from "@windi/sdk";
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { TabChannel } from "./tabs.ts";

/** A draft that the server does not have yet; empty when it is to be taken away there. */
export interface StoredDraft {
  readonly chatId: string;
  readonly text: string;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
  /** What the server had then, as far as it was known. */
  readonly told: string;
}

export interface DraftStorage {
  load(): Promise<readonly StoredDraft[]>;
  save(draft: StoredDraft): Promise<void>;
  remove(chatId: string): Promise<void>;
}

export interface Store {
  readonly outbox: OutboxStorage;
  readonly cache: ClientCache;
  readonly drafts: DraftStorage;
  close(): void;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: StoredMessage };
  chats: { key: string; value: ChatSummary };
  logs: {
    key: string;
    value: StoredLog & { chatId: string; savedAt: number };
    indexes: { savedAt: number };
  };
  drafts: { key: string; value: StoredDraft };
}
type Database = IDBPDatabase<Schema>;

const stores = ["outbox", "chats", "logs", "drafts"] as const;
const version = 1;
/** Ends of logs that are kept, those that were saved last. */
const mostLogs = 200;

const nameOf = (userId: string) => `windi-${userId}`;

interface OpenNeeds {
  /** Another tab deletes it, or needs it in another form. */
  onOver: () => void;
  /** The browser has taken it away, as it may do with a page that sleeps. */
  onLost: () => void;
}

async function open(userId: string, { onOver, onLost }: OpenNeeds): Promise<Database> {
  const name = nameOf(userId);
  try {
    return await openDB<Schema>(name, version, {
      upgrade(database) {
        database.createObjectStore("outbox", { keyPath: "key" });
        database.createObjectStore("chats", { keyPath: "id" });
        database.createObjectStore("logs", { keyPath: "chatId" }).createIndex("savedAt", "savedAt");
        database.createObjectStore("drafts", { keyPath: "chatId" });
      },
      blocking(_now, _next, { target }) {
        (target as IDBDatabase).close();
        onOver();
      },
      terminated: onLost,
    });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "VersionError")) throw error;
    // A later version of this client was here: what both know is used.
    const database = await openDB<Schema>(name);
    if (stores.every((each) => database.objectStoreNames.contains(each))) return database;
    database.close();
    throw error;
  }
}

/** Without waiting for the answer before it is committed: what is written right before the page goes is kept too. */
async function putAtOnce<Name extends "outbox" | "drafts" | "logs">(
  database: Database,
  name: Name,
  value: Schema[Name]["value"],
): Promise<void> {
  const transaction = database.transaction(name, "readwrite");
  const put = transaction.store.put(value);
  transaction.commit();
  await Promise.all([put, transaction.done]);
}

interface StoreNeeds {
  userId: string;
  /** Between the tabs that share this store; undefined where the browser has none. */
  channel: TabChannel | undefined;
  now: () => number;
}

export function createStore({ userId, channel, now }: StoreNeeds): Store {
  const memory = { outbox: createMemoryStorage(), drafts: new Map<string, StoredDraft>() };
  /** What is under way. */
  const busy = new Set<Promise<void>>();
  let isClosed = false;
  /** Another tab deletes it. */
  let isOver = false;
  let opening: Promise<Database | undefined> | undefined;
  /** Summaries as they are in the database, as far as this tab has put them there. */
  let kept: ReadonlyMap<string, ChatSummary> = new Map();

  function database(): Promise<Database | undefined> {
    const needs = { onOver: () => (isOver = true), onLost: () => (opening = undefined) };
    // A browser that refuses to keep anything: it is kept as long as the page.
    opening ??= open(userId, needs).catch(() => undefined);
    return opening;
  }

  /** Uses the database; `otherwise` where there is none. What is deleted is not written to again. */
  function use<T>(run: (database: Database) => Promise<T>, otherwise: () => Promise<T> | T): Promise<T> {
    const running = (async () => {
      const opened = isClosed ? undefined : await database();
      return opened && !isOver ? run(opened) : otherwise();
    })();
    const settled = running.then(
      () => {},
      () => {},
    );
    busy.add(settled);
    void settled.then(() => busy.delete(settled));
    return running;
  }

  const outbox: OutboxStorage = {
    load: () => use((opened) => opened.getAll("outbox"), memory.outbox.load),
    save: (message) =>
      use(
        (opened) => putAtOnce(opened, "outbox", message),
        () => memory.outbox.save(message),
      ),
    async remove(key) {
      await use(
        (opened) => opened.delete("outbox", key),
        () => memory.outbox.remove(key),
      );
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
      channel?.postMessage({ removed: key });
    },
    watch(removed) {
      let isEnded = false;
      channel?.addEventListener("message", ({ data }) => {
        const { removed: key } = data as { removed?: unknown };
        if (!isEnded && typeof key === "string") removed(key);
      });
      return () => void (isEnded = true);
    },
  };

  const cache: ClientCache = {
    async loadChats() {
      const chats = await use(
        (opened) => opened.getAll("chats"),
        () => [],
      );
      kept = new Map(chats.map((chat) => [chat.id, chat]));
      return chats;
    },
    saveChats: (chats) =>
      use(
        async (opened) => {
          const before = kept;
          kept = new Map(chats.map((chat) => [chat.id, chat]));
          const { store, done } = opened.transaction("chats", "readwrite");
          const changed = chats.filter((chat) => before.get(chat.id) !== chat);
          const gone = [...before.keys()].filter((id) => !kept.has(id));
          const writes = [...changed.map((chat) => store.put(chat)), ...gone.map((id) => store.delete(id))];
          // Without waiting, as the page may be about to go.
          store.transaction.commit();
          await Promise.all([...writes, done]);
        },
        () => {},
      ),
    loadLog: (chatId) =>
      use(
        (opened) => opened.get("logs", chatId),
        () => undefined,
      ),
    saveLog: (chatId, messages, position) =>
      use(
        async (opened) => {
          await putAtOnce(opened, "logs", { chatId, messages, position, savedAt: now() });
          const { store, done } = opened.transaction("logs", "readwrite");
          const surplus = (await store.count()) - mostLogs;
          if (surplus > 0)
            for (const key of await store.index("savedAt").getAllKeys(undefined, surplus))
              await store.delete(key);
          await done;
        },
        () => {},
      ),
    removeChat: (chatId) =>
      use(
        (opened) => opened.delete("logs", chatId),
        () => {},
      ),
  };

  const drafts: DraftStorage = {
    load: () =>
      use(
        (opened) => opened.getAll("drafts"),
        () => [...memory.drafts.values()],
      ),
    save: (draft) =>
      use(
        (opened) => putAtOnce(opened, "drafts", draft),
        () => void memory.drafts.set(draft.chatId, draft),
      ),
    remove: (chatId) =>
      use(
        (opened) => opened.delete("drafts", chatId),
        () => void memory.drafts.delete(chatId),
      ),
  };

  return {
    outbox,
    cache,
    drafts,
    close() {
      isClosed = true;
      void Promise.all(busy).then(async () => {
        channel?.close();
        (await opening)?.close();
      });
    },
  };
}

/** Deletes what is kept of a person; `copies`: only what the server has too. Open stores let go of it. */
export async function forgetStore(userId: string, what: "all" | "copies"): Promise<void> {
  try {
    if (what === "all") return await deleteDB(nameOf(userId));
    const database = await open(userId, { onOver: () => {}, onLost: () => {} });
    await Promise.all([database.clear("chats"), database.clear("logs")]);
    database.close();
  } catch {
    // Where nothing can be kept, nothing is to be deleted.
  }
}
