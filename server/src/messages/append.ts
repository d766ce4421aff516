// Sending: gathers concurrent sends into batches, stores each batch with one statement, and tells of what is committed.
import type { ErrorCode, MessageInfo, UserInfo } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { databaseFailure, isConflict } from "../database/failures.ts";
import { Failure } from "../failure.ts";
import { appendRows, type Appended, type NewRow } from "./append.store.ts";
import { createBatches } from "./batches.ts";
import type { Lanes } from "./lanes.ts";

export interface Send {
  chatId: string;
  sender: UserInfo;
  text: string;
  idempotencyKey: string | null;
  /** Ids of the people whom the text names. */
  mentions: readonly string[];
}

export type SendResult = { outcome: "stored"; message: MessageInfo } | { outcome: "duplicate"; seq: number };

type Outcome = SendResult | Exclude<Appended, { outcome: "stored" }>;

interface Entry<Origin> {
  send: Send;
  row: NewRow;
  origin: Origin;
  arrivedAt: number;
}

/** Told of sends; times are seconds since the send arrived. */
export interface SendWatch {
  ended(outcome: SendResult["outcome"] | ErrorCode): void;
  committed(seconds: number): void;
  delivered(seconds: number): void;
  batch(kind: "sends", size: number): void;
}

interface AppenderNeeds<Origin> {
  database: Database;
  newId(): string;
  /**
   * Called for each message right after its commit, in the order of seq within a chat, before the sender's promise
   * resolves. Must not throw.
   */
  onCommitted(message: MessageInfo, origin: Origin): void;
  lanes: Lanes;
  watch?: SendWatch;
}

export interface Appender<Origin> {
  /**
   * @throws Failure `chat_not_found` for whom the chat is not, `overloaded`, `unavailable`, `storage_full`
   */
  send(send: Send, origin: Origin): Promise<SendResult>;
}

const maxBatch = 500;
const maxWaiting = 10_000;
const maxAttempts = 5;

export function createAppender<Origin>({
  database,
  newId,
  onCommitted,
  lanes,
  watch,
}: AppenderNeeds<Origin>): Appender<Origin> {
  /** Sends under way that have a key: the same key again waits for the first, so that a batch never holds it twice. */
  const underWay = new Map<string, Promise<SendResult>>();

  async function run(entries: readonly Entry<Origin>[]): Promise<Outcome[]> {
    const results: Outcome[] = Array.from({ length: entries.length }, () => ({
      outcome: "retry",
    }));
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const open = entries.flatMap((entry, place) =>
        results[place]?.outcome === "retry" ? [{ entry, place }] : [],
      );
      if (open.length === 0) return results;
      const storing = store(open.map(({ entry }) => entry.row));
      // What an earlier attempt has stored stays acknowledged, whatever becomes of the rest.
      const appended = await (attempt === 1 ? storing : storing.catch(() => undefined));
      const committedAt = performance.now();
      appended?.forEach((result, i) => {
        const { entry, place } = open[i] as (typeof open)[number];
        if (result.outcome !== "stored") {
          results[place] = result;
          return;
        }
        const message = toMessageInfo(entry, result);
        results[place] = { outcome: "stored", message };
        onCommitted(message, entry.origin);
        watch?.committed((committedAt - entry.arrivedAt) / 1000);
        watch?.delivered((performance.now() - entry.arrivedAt) / 1000);
      });
    }
    return results;
  }

  /** Undefined: another node was first with something of this batch; nothing was stored, and it is tried again. */
  async function store(rows: NewRow[]): Promise<Appended[] | undefined> {
    try {
      return await appendRows(database, rows);
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw databaseFailure(error) ?? error;
    }
  }

  const batchesOf = lanes.each((lane) =>
    createBatches<Entry<Origin>, Outcome>({
      run: (entries) => lane(() => run(entries)),
      maxBatch,
      maxWaiting,
      gather: wholeTurn,
      onBatch: (size) => watch?.batch("sends", size),
    }),
  );

  async function append(send: Send, origin: Origin): Promise<SendResult> {
    const arrivedAt = performance.now();
    const { chatId, text, idempotencyKey } = send;
    const mentions = namedOthers(send.mentions, send.sender.id);
    const row: NewRow = { chatId, senderId: send.sender.id, id: newId(), text, idempotencyKey, mentions };
    const result = await batchesOf(chatId).add({ send, row, origin, arrivedAt });
    if (result.outcome === "stored" || result.outcome === "duplicate") return result;
    if (result.outcome === "not_a_member") throw new Failure("chat_not_found");
    throw new Failure("unavailable", { retryAfterSeconds: 1 });
  }

  async function appendOnce(send: Send, origin: Origin): Promise<SendResult> {
    if (send.idempotencyKey === null) return append(send, origin);
    const key = `${send.chatId} ${send.sender.id} ${send.idempotencyKey}`;
    const first = underWay.get(key);
    if (first) {
      const result = await first;
      return result.outcome === "stored" ? { outcome: "duplicate", seq: result.message.seq } : result;
    }
    const sending = append(send, origin).finally(() => underWay.delete(key));
    underWay.set(key, sending);
    return sending;
  }

  return {
    async send(send, origin) {
      try {
        const result = await appendOnce(send, origin);
        watch?.ended(result.outcome);
        return result;
      } catch (error) {
        watch?.ended(error instanceof Failure ? error.code : "internal");
        throw error;
      }
    },
  };
}

/** A message that is just committed: nobody can have read it. */
function toMessageInfo<Origin>(
  { send, row }: Entry<Origin>,
  stored: Extract<Appended, { outcome: "stored" }>,
): MessageInfo {
  return {
    id: row.id,
    chat_id: row.chatId,
    seq: stored.seq,
    version: stored.version,
    sender: send.sender,
    text: row.text,
    created_at: new Date(stored.createdAtMs).toISOString(),
    is_read: false,
    read_at: null,
    idempotency_key: row.idempotencyKey,
    mentions: stored.mentions,
    edited_at: null,
    deleted_at: null,
  };
}

/** Whom a text names, each once; nobody is mentioned to themself. */
export const namedOthers = (ids: readonly string[], userId: string): readonly string[] =>
  ids.length === 0 ? ids : [...new Set(ids)].filter((id) => id !== userId);

/**
 * One turn of the event loop: the frames that have arrived are read, and the events of the last batch are out. Else the
 * first of many frames would go alone, and all others after it.
 */
const wholeTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
