// Which chats are looked at: joined while somebody looks, again on each connection, left when nobody does any more.
import { isFailure, isPassing } from "./api-error.ts";
import type { Patience } from "./patience.ts";

interface LooksNeeds {
  patience: Patience;
  isConnected: () => boolean;
  join: (chatId: string) => Promise<unknown>;
  leave: (chatId: string) => Promise<unknown>;
  /** From now on typing, presence and reading are heard. */
  onJoined: (chatId: string) => void;
}

export interface Look extends Disposable {
  end(): void;
}

export interface Looks {
  look(chatId: string): Look;
  /** A new connection has joined nothing. */
  connected(): void;
  isLookedAt(chatId: string): boolean;
}

export function createLooks({ patience, isConnected, join, leave, onJoined }: LooksNeeds): Looks {
  const lookers = new Map<string, number>();
  const joined = new Set<string>();
  const busy = new Set<string>();

  const isLookedAt = (chatId: string) => lookers.has(chatId);

  /** Joins and leaves until the server has it as it is wanted. */
  async function adjust(chatId: string): Promise<void> {
    if (busy.has(chatId)) return;
    busy.add(chatId);
    for (let attempt = 0; isConnected() && isLookedAt(chatId) !== joined.has(chatId);) {
      const failure = await step(chatId, isLookedAt(chatId));
      if (failure === undefined) attempt = 0;
      else if (!isPassing(failure)) break;
      else if (isConnected()) await patience.rest(attempt++, failure);
    }
    busy.delete(chatId);
  }

  async function step(chatId: string, isWanted: boolean): Promise<unknown> {
    try {
      await (isWanted ? join(chatId) : leave(chatId));
    } catch (error) {
      if (!isFailure(error)) throw error;
      return error;
    }
    if (isWanted) {
      joined.add(chatId);
      onJoined(chatId);
    } else joined.delete(chatId);
    return undefined;
  }

  return {
    isLookedAt,
    look(chatId) {
      lookers.set(chatId, (lookers.get(chatId) ?? 0) + 1);
      void adjust(chatId);
      let isEnded = false;
      const end = () => {
        if (isEnded) return;
        isEnded = true;
        const left = (lookers.get(chatId) ?? 1) - 1;
        if (left > 0) lookers.set(chatId, left);
        else lookers.delete(chatId);
        void adjust(chatId);
      };
      return { end, [Symbol.dispose]: end };
    },
    connected() {
      joined.clear();
      for (const chatId of lookers.keys()) void adjust(chatId);
    },
  };
}
