// Gaps that were read lately: when thousands come back at once, what the members of a chat missed is read once for all.
import type { Content, Gap, Weight } from "./sync.store.ts";

/** What a client lacks of a chat: how much it is, and the messages once they are read. */
export interface KnownGap {
  readonly gap: Gap;
  weight?: Weight;
  content?: Content;
}

export interface Gaps extends Disposable {
  find(gap: Gap): KnownGap | undefined;
  /** From now on `keep` leaves out what is forgotten meanwhile. */
  begin(): void;
  /** For the next seconds. */
  keep(gaps: Iterable<KnownGap>): void;
  /** Something that has no version changed in this chat: who read what. */
  forget(chatId: string): void;
}

/** Clients that come back together do so within seconds. */
const keptMs = 5000;
/** As JSON; in memory it is some two times as much. */
const maxBytes = 16 * 1024 * 1024;

/** Where a gap begins and how far the chat has come: what it holds follows from these. */
export const keyOf = ({ chat_id, seq, version, lastSeq, lastVersion }: Gap): string =>
  `${chat_id} ${seq} ${version} ${lastSeq} ${lastVersion}`;

/** @param after calls once, after so many milliseconds, unless its answer is called before */
export function createGaps(after: (delayMs: number, call: () => void) => () => void): Gaps {
  /** Chat → key → gap. All of it becomes old, and then goes, however often it is found: names in it have no version. */
  let recent = new Map<string, Map<string, KnownGap>>();
  let old = recent;
  let recentBytes = 0;
  /** What each was counted with when it was put: a weight alone takes nothing, messages may be read later. */
  const counted = new WeakMap<KnownGap, number>();
  let stopAging: (() => void) | undefined;
  const forgotten = new Set<string>();

  function age(): void {
    stopAging?.();
    old = recent;
    recent = new Map();
    recentBytes = 0;
    stopAging = old.size > 0 ? after(keptMs / 2, age) : undefined;
  }

  function put(known: KnownGap): void {
    const { chat_id } = known.gap;
    if (forgotten.has(chat_id)) return;
    const bytes = known.content ? (known.weight?.bytes ?? 0) : 0;
    if (counted.get(known) === bytes) return;
    counted.set(known, bytes);
    if (recentBytes + bytes > maxBytes / 2) age();
    recentBytes += bytes;
    const ofChat = recent.get(chat_id) ?? new Map<string, KnownGap>();
    recent.set(chat_id, ofChat.set(keyOf(known.gap), known));
  }

  return {
    find(gap) {
      const key = keyOf(gap);
      return recent.get(gap.chat_id)?.get(key) ?? old.get(gap.chat_id)?.get(key);
    },
    begin: () => forgotten.clear(),
    keep(gaps) {
      for (const known of gaps) put(known);
      stopAging ??= after(keptMs / 2, age);
    },
    forget(chatId) {
      forgotten.add(chatId);
      recent.delete(chatId);
      old.delete(chatId);
    },
    [Symbol.dispose]: () => stopAging?.(),
  };
}
