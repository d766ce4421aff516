// Who is writing where, for a few seconds after each sign of it; and how often we say so ourselves.
import type { Clock } from "../clock.ts";

const shownMs = 4_000;
/** Below `shownMs`, so that steady writing shows without a flicker. */
const saidEveryMs = 3_000;

interface TypingNeeds {
  clock: Clock;
  onChange: () => void;
}

export function createTyping({ clock, onChange }: TypingNeeds) {
  /** chat → person → who, and how to cancel the end. */
  const writers = new Map<string, Map<string, { name: string; cancel: () => void }>>();
  const saidAt = new Map<string, number>();

  function stopped(chatId: string, userId: string): void {
    const writer = writers.get(chatId)?.get(userId);
    if (!writer) return;
    writer.cancel();
    writers.get(chatId)?.delete(userId);
    onChange();
  }

  return {
    names: (chatId: string): string[] =>
      [...(writers.get(chatId)?.values() ?? [])].map((writer) => writer.name),
    heard(chatId: string, userId: string, name: string): void {
      const chat = writers.get(chatId) ?? new Map<string, { name: string; cancel: () => void }>();
      chat.get(userId)?.cancel();
      chat.set(userId, { name, cancel: clock.later(shownMs, () => stopped(chatId, userId)) });
      writers.set(chatId, chat);
      onChange();
    },
    /** The person sent what they wrote. */
    stopped,
    /** Is it time to tell the others that we write; asking counts as telling. */
    shouldSay(chatId: string): boolean {
      const now = clock.now();
      if (now - (saidAt.get(chatId) ?? Number.NEGATIVE_INFINITY) < saidEveryMs) return false;
      saidAt.set(chatId, now);
      return true;
    },
    /** Our message is sent: the next one begins with a sign at once. */
    said(chatId: string): void {
      saidAt.delete(chatId);
    },
  };
}

export type Typing = ReturnType<typeof createTyping>;
