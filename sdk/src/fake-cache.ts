// A cache for tests: in memory, holding copies, as a database does.
import type { ClientCache, StoredLog } from "./client-cache.ts";
import type { ChatSummary } from "./contract.ts";

export function createFakeCache() {
  const logs = new Map<string, StoredLog>();
  const control = {
    chats: [] as readonly ChatSummary[],
    logs,
    isBroken: false,
    /** What was written, in order: `chats`, `log <id>`, `remove <id>`. */
    writes: [] as string[],
  };

  async function use<T>(run: () => T): Promise<T> {
    if (control.isBroken) throw new DOMException("The disk is full", "QuotaExceededError");
    return structuredClone(run());
  }

  const cache: ClientCache = {
    loadChats: () => use(() => control.chats),
    saveChats: (chats) =>
      use(() => {
        control.writes.push("chats");
        control.chats = structuredClone(chats);
      }),
    loadLog: (chatId) => use(() => logs.get(chatId)),
    saveLog: (chatId, messages, position) =>
      use(() => {
        control.writes.push(`log ${chatId}`);
        logs.set(chatId, structuredClone({ messages, position }));
      }),
    removeChat: (chatId) =>
      use(() => {
        control.writes.push(`remove ${chatId}`);
        logs.delete(chatId);
      }),
  };
  return { cache, control };
}
