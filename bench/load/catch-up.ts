// Asking for what a client of the load missed, until there is nothing left of it.

export interface CatchUp {
  start(chatIds: readonly string[]): void;
  /** The answer. */
  hear(text: string): void;
  /** The connection is gone. */
  stop(): void;
}

interface CatchUpNeeds {
  seqs: ReadonlyMap<string, number>;
  write(frame: object): void;
  url(): string;
  token: string;
  take(chatId: string, seq: number, number: number | undefined): void;
  fault(text: string): void;
  done(): void;
}

interface Message {
  seq: number;
  idempotency_key: string | null;
}

interface CaughtUp {
  chats: { chat_id: string; outcome: "changes" | "resync" | "gone"; seq: number; messages?: Message[] }[];
  deferred: string[];
}

const maxChats = 100;
const pageSize = 100;

/** The number that the generator put at the end of the key. */
export const numberOf = (key: string | null) => {
  const [, digits] = /-(\d+)$/.exec(key ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits);
};

export function createCatchUp({ seqs, write, url, token, take, fault, done }: CatchUpNeeds): CatchUp {
  let waiting: string[] = [];
  let turn = 0;

  function ask(): void {
    const chats = waiting.splice(0, maxChats).map((chat_id) => {
      const seq = seqs.get(chat_id) ?? 0;
      // Nothing but sending moves the versions of these chats.
      return { chat_id, seq, version: seq };
    });
    if (chats.length === 0) done();
    else write({ action: "catch_up", chats });
  }

  /** The gap was too large for one answer: by pages of the history. */
  async function readPages(chatId: string, until: number): Promise<void> {
    for (let after = seqs.get(chatId) ?? 0; after < until; after = seqs.get(chatId) ?? 0) {
      const path = `/messages/history/${chatId}?after_seq=${after}&limit=${pageSize}`;
      const response = await fetch(url() + path, { headers: { authorization: `Bearer ${token}` } });
      if (!response.ok) return fault(`${path}: ${response.status}`);
      const page = (await response.json()) as Message[];
      if (page.length === 0) return fault(`${path}: empty`);
      for (const message of page) take(chatId, message.seq, numberOf(message.idempotency_key));
    }
    return undefined;
  }

  return {
    start(chatIds) {
      waiting = [...chatIds];
      ask();
    },
    hear(text) {
      const { chats, deferred } = JSON.parse(text) as CaughtUp;
      const mine = turn;
      const long = chats.filter((chat) => chat.outcome === "resync");
      for (const chat of chats) {
        if (chat.outcome === "gone") fault(`gone: ${chat.chat_id}`);
        for (const message of chat.messages ?? [])
          take(chat.chat_id, message.seq, numberOf(message.idempotency_key));
      }
      waiting.push(...deferred);
      void Promise.all(long.map((chat) => readPages(chat.chat_id, chat.seq))).then(
        () => mine === turn && ask(),
        (error: unknown) => fault(String(error)),
      );
    },
    stop() {
      turn++;
      waiting = [];
    },
  };
}
