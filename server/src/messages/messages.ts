// The rules of messages: sending one, changing one, whatever the transport, reading a page of a chat, who read what.
import type { HistoryQuery, MessageInfo, MessageReaders, Place } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { Failure } from "../failure.ts";
import type { Appender, Send } from "./append.ts";
import type { Edit, Edited, Editor, Removal } from "./edits.ts";
import { readPage, type Range } from "./messages.store.ts";
import { findPlaceAt } from "./place.store.ts";
import { findReaders } from "./readers.store.ts";

export interface Messages<Origin> {
  /** Stores the message, or finds the one that was stored with the same key. */
  send(send: Send, origin: Origin): Promise<{ message: MessageInfo; isNew: boolean }>;
  /** Changes the text of one's own message. */
  edit(edit: Edit, origin: Origin): Promise<Edited>;
  /** Deletes one's own message for everyone; its place stays. */
  remove(removal: Removal, origin: Origin): Promise<Edited>;
  history(chatId: string, userId: string, query: HistoryQuery): Promise<MessageInfo[]>;
  readers(chatId: string, userId: string, messageId: string): Promise<MessageReaders>;
  /** The first message at or after this moment. */
  place(chatId: string, userId: string, at: string): Promise<Place>;
}

interface MessagesNeeds<Origin> {
  database: Database;
  appender: Appender<Origin>;
  editor: Editor<Origin>;
}

export function createMessages<Origin>({
  database,
  appender,
  editor,
}: MessagesNeeds<Origin>): Messages<Origin> {
  async function page(chatId: string, userId: string, range: Range): Promise<MessageInfo[]> {
    const messages = await readPage(database, chatId, userId, range);
    if (!messages) throw new Failure("chat_not_found");
    return messages;
  }

  return {
    async send(send, origin) {
      const result = await appender.send(send, origin);
      if (result.outcome === "stored") return { message: result.message, isNew: true };
      const [message] = await page(send.chatId, send.sender.id, {
        kind: "first",
        seq: result.seq,
        limit: 1,
      });
      if (!message) throw new Failure("message_not_found");
      return { message, isNew: false };
    },
    edit: (edit, origin) => editor.edit(edit, origin),
    remove: (removal, origin) => editor.remove(removal, origin),
    history: (chatId, userId, query) => page(chatId, userId, toRange(query)),
    async readers(chatId, userId, messageId) {
      const readers = await findReaders(database, chatId, userId, messageId);
      if (readers === "no_chat") throw new Failure("chat_not_found");
      if (readers === "no_message") throw new Failure("message_not_found");
      return readers;
    },
    async place(chatId, userId, at) {
      const seq = await findPlaceAt(database, chatId, userId, Date.parse(at));
      if (seq === undefined) throw new Failure("chat_not_found");
      return { seq };
    },
  };
}

function toRange({ limit, offset, before_seq, after_seq, around_seq }: HistoryQuery): Range {
  const greatest = 2_147_483_647;
  if (before_seq !== undefined) return { kind: "last", seq: before_seq - 1, limit };
  if (around_seq !== undefined) return { kind: "around", seq: around_seq, limit };
  // Without holes in seq, the number of messages before a message is its seq less one.
  return { kind: "first", seq: Math.min((after_seq ?? offset) + 1, greatest), limit };
}
