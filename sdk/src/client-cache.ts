// What is shown again when the program starts next: a port, and the keeper that writes to it when all is quiet.
import type { Clock } from "./clock.ts";
import type { ChatSummary, MessageInfo, Position } from "./contract.ts";

/** The end of a chat's log as it was, and the position that it belongs to. */
export interface StoredLog {
  readonly messages: readonly MessageInfo[];
  readonly position: Position;
}

/**
 * Keeps what was shown, for one user. It is a copy: whatever it fails with, the client works as without it. `saveChats`
 * replaces all summaries; `removeChat` takes a chat's log away, and what is not there is nothing.
 */
export interface ClientCache {
  loadChats(): Promise<readonly ChatSummary[]>;
  saveChats(chats: readonly ChatSummary[]): Promise<void>;
  loadLog(chatId: string): Promise<StoredLog | undefined>;
  saveLog(chatId: string, messages: readonly MessageInfo[], position: Position): Promise<void>;
  removeChat(chatId: string): Promise<void>;
}

/** More than anybody looks at before the server has answered. */
const mostChats = 1000;
const mostMessages = 60;
const quietMs = 500;
/** Where something always happens, it is written all the same. */
const longestMs = 5000;

interface KeeperNeeds {
  cache: ClientCache | undefined;
  clock: Clock;
}

interface Waiting {
  since: number;
  write: () => Promise<void> | undefined;
  cancel: () => void;
}

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper({ cache, clock }: KeeperNeeds) {
  const waiting = new Map<string, Waiting>();

  async function attempt<T>(run: () => Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await run();
    } catch {
      // A cache that fails is as none: everything in it is on the server too.
      return undefined;
    }
  }

  function put(name: string): void {
    const entry = waiting.get(name);
    waiting.delete(name);
    entry?.cancel();
    if (entry) void attempt(entry.write);
  }

  function keep(name: string, write: Waiting["write"]): void {
    if (!cache) return;
    const now = clock.now();
    const before = waiting.get(name);
    before?.cancel();
    const since = before?.since ?? now;
    const cancel = clock.later(Math.min(quietMs, since + longestMs - now), () => put(name));
    waiting.set(name, { since, write, cancel });
  }

  return {
    loadChats: async () => (await attempt(() => cache?.loadChats())) ?? [],
    loadLog: (chatId: string) => attempt(() => cache?.loadLog(chatId)),
    keepChats(read: () => readonly ChatSummary[]): void {
      keep("chats", () => cache?.saveChats(read().slice(0, mostChats)));
    },
    /** @param read the log as it is when it is written; undefined when that is not worth it */
    keepLog(chatId: string, read: () => StoredLog | undefined): void {
      keep(`log ${chatId}`, () => {
        const log = read();
        return log && cache?.saveLog(chatId, log.messages.slice(-mostMessages), log.position);
      });
    },
    removeChat(chatId: string): void {
      const name = `log ${chatId}`;
      waiting.get(name)?.cancel();
      waiting.delete(name);
      void attempt(() => cache?.removeChat(chatId));
    },
    /** Writes at once what waits. */
    flush(): void {
      for (const name of [...waiting.keys()]) put(name);
    },
  };
}
