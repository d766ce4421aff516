// A message on its way: what is shown of it, what is kept of it.
import { ApiError } from "./api-error.ts";
import type { ErrorCode, MessageInfo } from "./contract.ts";
import type { StoredMessage } from "./outbox-storage.ts";

/** What is the same in all states of a message on its way. */
interface Written {
  /** The idempotency key. */
  readonly key: string;
  readonly chatId: string;
  readonly text: string;
  readonly mentions: readonly string[];
  /** When it was written, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly order: number;
}

/**
 * `queued`: waits for its turn or for another try · `sending`: on its way · `sent`: stored by the server, and about to be
 * in the chat's log · `refused`: will not be stored as it is; retry it or discard it.
 */
export type OutboxEntry = Written &
  (
    | { readonly state: "queued" | "sending" }
    | { readonly state: "sent"; readonly message: MessageInfo }
    | { readonly state: "refused"; readonly error: ApiError }
  );

export function toStored(entry: OutboxEntry): StoredMessage {
  const { key, chatId, text, mentions, createdAt, order } = entry;
  const refusal = entry.state === "refused" ? entry.error.code : undefined;
  return { key, chatId, text, mentions, createdAt, order, refusal };
}

export function fromStored({ refusal, ...written }: StoredMessage): OutboxEntry {
  if (refusal === undefined) return { ...written, state: "queued" };
  const error = new ApiError({ code: refusal as ErrorCode, detail: "Refused before this program started" });
  return { ...written, state: "refused", error };
}
