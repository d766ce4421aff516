// Read pointers on their way to the server: the furthest of each chat, until the server knows it.
import { isFailure, isPassing } from "./api-error.ts";
import type { MessageInfo } from "./contract.ts";
import type { Patience } from "./patience.ts";

type ReadMessage = Pick<MessageInfo, "id" | "seq">;

interface ReadsNeeds {
  patience: Patience;
  isConnected: () => boolean;
  tell: (chatId: string, messageId: string) => Promise<unknown>;
}

export interface Reads {
  mark(chatId: string, upTo: ReadMessage): void;
  /** The server is there again. */
  resume(): void;
}

export function createReads({ patience, isConnected, tell }: ReadsNeeds): Reads {
  const wanted = new Map<string, ReadMessage>();
  const busy = new Set<string>();

  async function run(chatId: string): Promise<void> {
    if (busy.has(chatId)) return;
    busy.add(chatId);
    for (let attempt = 0; isConnected();) {
      const upTo = wanted.get(chatId);
      if (!upTo) break;
      const failure = await put(chatId, upTo);
      if (failure === undefined) attempt = 0;
      else if (isConnected()) await patience.rest(attempt++, failure);
    }
    busy.delete(chatId);
  }

  async function put(chatId: string, upTo: ReadMessage): Promise<unknown> {
    try {
      await tell(chatId, upTo.id);
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (isPassing(error)) return error;
    }
    if (wanted.get(chatId) === upTo) wanted.delete(chatId);
    return undefined;
  }

  return {
    mark(chatId, upTo) {
      if (upTo.seq <= (wanted.get(chatId)?.seq ?? 0)) return;
      wanted.set(chatId, upTo);
      void run(chatId);
    },
    resume() {
      for (const chatId of wanted.keys()) void run(chatId);
    },
  };
}
