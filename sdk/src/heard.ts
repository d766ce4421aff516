// What was heard of the user's own view of chats. It has no version, and a summary that comes may be from before.
import type { ChatSettings, ChatSummary, Draft } from "./contract.ts";
import { applyRead, applySettings } from "./summary.ts";

interface Heard {
  settings?: ChatSettings;
  draft?: Draft | null;
  /** Read on this connection, since these settings. */
  readSeq?: number;
}

export function createHeard() {
  const chats = new Map<string, Heard>();
  /** How far each chat is read: what is told of that never goes back. */
  const pointers = new Map<string, number>();

  return {
    settings(chatId: string, settings: ChatSettings): void {
      chats.set(chatId, { ...chats.get(chatId), settings, readSeq: 0 });
    },
    draft(chatId: string, draft: Draft | null): void {
      chats.set(chatId, { ...chats.get(chatId), draft });
    },
    read(chatId: string, seq: number): void {
      const heard = chats.get(chatId);
      chats.set(chatId, { ...heard, readSeq: Math.max(seq, heard?.readSeq ?? 0) });
      pointers.set(chatId, Math.max(seq, pointers.get(chatId) ?? 0));
    },
    /** A summary that the server told, with what was heard besides. */
    over(told: ChatSummary, shown?: ChatSummary): ChatSummary {
      const { settings = told.settings, draft = told.draft, readSeq = 0 } = chats.get(told.id) ?? {};
      const isMarked = settings.unread_from !== null && settings.unread_from > readSeq;
      const unread_from = isMarked ? settings.unread_from : null;
      const { summary } = applySettings({ ...told, draft }, { ...settings, unread_from });
      const pointer = Math.max(pointers.get(told.id) ?? 0, shown?.read_seq ?? 0);
      return applyRead(summary, Math.min(pointer, (unread_from ?? Infinity) - 1)).summary;
    },
    forget(chatId: string): void {
      chats.delete(chatId);
      pointers.delete(chatId);
    },
    /** A connection begins: what happens from now on is heard, what was set meanwhile was not. */
    restart(): void {
      chats.clear();
    },
  };
}
