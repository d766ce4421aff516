// Asks the server what changed since positions, for many chats in one request, one request after the other.
import { ConnectionError, isFailure, isPassing } from "./api-error.ts";
import type { ChatChanges, Position, SyncAnswer } from "./contract.ts";
import type { Patience } from "./patience.ts";

/** The contract's limit. */
const maxChats = 100;

interface Question {
  from: Position;
  resolve(changes: ChatChanges): void;
  reject(error: unknown): void;
}

interface CatchUpNeeds {
  ask: (chats: Position[]) => Promise<SyncAnswer>;
  isConnected: () => boolean;
  patience: Patience;
}

/** Answers for one chat. Fails with `ConnectionError` without a connection: ask again when there is one. */
export type CatchUp = (from: Position) => Promise<ChatChanges>;

export function createCatchUp({ ask, isConnected, patience }: CatchUpNeeds): CatchUp {
  let questions: Question[] = [];
  let isAsking = false;

  /** Of each chat at most one position: the answer names only the chat. */
  function takeBatch(): Map<string, Question[]> {
    const batch = new Map<string, Question[]>();
    questions = questions.filter((question) => {
      const { chat_id, version } = question.from;
      const same = batch.get(chat_id);
      if (same ? same[0]?.from.version !== version : batch.size === maxChats) return true;
      batch.set(chat_id, [...(same ?? []), question]);
      return false;
    });
    return batch;
  }

  async function run(): Promise<void> {
    // Whoever asks in this turn of the event loop goes into the same request.
    await Promise.resolve();
    for (let attempt = 0; questions.length > 0;) {
      const batch = takeBatch();
      const failure = await put(batch);
      const rest = [...batch.values()].flat();
      if (failure !== undefined && !(isPassing(failure) && isConnected())) {
        for (const question of rest) question.reject(failure);
        continue;
      }
      questions.unshift(...rest);
      if (failure === undefined) attempt = 0;
      else await patience.rest(attempt++, failure);
    }
  }

  /** Takes what is answered out of the batch; the rest waits for another request. */
  async function put(batch: Map<string, Question[]>): Promise<unknown> {
    try {
      const size = batch.size;
      const { chats } = await ask([...batch.values()].flatMap(([first]) => (first ? [first.from] : [])));
      for (const changes of chats) {
        for (const question of batch.get(changes.chat_id) ?? []) question.resolve(changes);
        batch.delete(changes.chat_id);
      }
      // An answer without anything in it must not be asked for again at once.
      return batch.size < size ? undefined : new ConnectionError("foreign");
    } catch (error) {
      if (!isFailure(error)) throw error;
      return error;
    }
  }

  return async (from) => {
    const answer = new Promise<ChatChanges>((resolve, reject) => questions.push({ from, resolve, reject }));
    if (!isAsking) {
      isAsking = true;
      try {
        await run();
      } finally {
        isAsking = false;
      }
    }
    return answer;
  };
}
