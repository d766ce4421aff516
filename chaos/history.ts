// What clients did and saw during a run: the only thing that the checks look at, beside the log that is read at the end.
import type { MessageInfo } from "@windi/protocol";

/** A send and what became of it, as its sender knows. */
export interface SendRecord {
  client: string;
  userId: string;
  chatId: string;
  key: string;
  text: string;
  /** `unknown`: nobody told what became of it. */
  outcome: "acknowledged" | "refused" | "unknown";
}

/** An edit or a deletion of an acknowledged message. */
export interface ChangeRecord {
  chatId: string;
  seq: number;
  /** The text that the message was given; undefined for a deletion. */
  text: string | undefined;
  outcome: "acknowledged" | "refused" | "unknown";
  version?: number;
}

/** A message as somebody sees it. */
export interface Seen {
  id: string;
  seq: number;
  version: number;
  text: string;
  key: string | null;
  senderId: string;
  isDeleted: boolean;
}

/** What one client holds of a chat at the end. */
export interface View {
  client: string;
  chatId: string;
  messages: readonly Seen[];
}

export const toSeen = (message: MessageInfo): Seen => ({
  id: message.id,
  seq: message.seq,
  version: message.version,
  text: message.text,
  key: message.idempotency_key,
  senderId: message.sender.id,
  isDeleted: message.deleted_at !== null,
});
