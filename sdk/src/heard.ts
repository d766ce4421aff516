// What is known of the user's own view of chats, whichever way it came: of each part, that of the greatest own version.
import type { ChatSettings, ChatSummary, Draft } from "./contract.ts";
import { applyRead, applySettings } from "./summary.ts";

interface Part<Value> {
  value: Value;
  version: number;
}

interface Known {
  settings?: Part<ChatSettings>;
  draft?: Part<Draft | null>;
  /** How far it was read after these settings. */
  reads: readonly Part<number>[];
  /** The greatest that was heard. */
  version: number;
  /** Of everything up to this one was heard. */
  whole: number;
}

/** Of what was read here: the server has not said yet when that was. */
const untold = Infinity;

const unset: ChatSettings = { is_pinned: false, muted_until: null, unread_from: null };

/** A mark is gone when what it stands at was read after it was set. */
function unmark(settings: ChatSettings, reads: Known["reads"]): ChatSettings {
  const mark = settings.unread_from;
  const isRead = mark !== null && reads.some(({ value }) => value >= mark);
  return isRead ? { ...settings, unread_from: null } : settings;
}

export function createHeard() {
  const chats = new Map<string, Known>();
  /** How far each chat is read: what is told of that never goes back. */
  const pointers = new Map<string, number>();

  const of = (chatId: string): Known => chats.get(chatId) ?? { reads: [], version: 0, whole: 0 };

  function hear(chatId: string, version: number, part: (known: Known) => Partial<Known>): void {
    const known = of(chatId);
    const greatest = version === untold ? known.version : Math.max(known.version, version);
    const whole = version === known.whole + 1 ? version : known.whole;
    chats.set(chatId, { ...known, ...part(known), version: greatest, whole });
  }

  const isOlder = (version: number, part: Part<unknown> | undefined) => version < (part?.version ?? 0);

  const settle = (known: Known): ChatSettings => unmark(known.settings?.value ?? unset, known.reads);

  const heard = {
    /** @returns the settings that are known then */
    settings(chatId: string, value: ChatSettings, version: number): ChatSettings {
      hear(chatId, version, ({ settings, reads }) => {
        if (isOlder(version, settings)) return {};
        const isAgain = version === settings?.version;
        return {
          settings: { value, version },
          reads: isAgain ? reads : reads.filter((read) => read.version > version && read.version !== untold),
        };
      });
      return settle(of(chatId));
    },
    /** @returns whether nothing later is known */
    draft(chatId: string, value: Draft | null, version: number): boolean {
      const isNews = !isOlder(version, of(chatId).draft);
      hear(chatId, version, () => (isNews ? { draft: { value, version } } : {}));
      return isNews;
    },
    /** @returns how far that reads the chat: up to a mark that was set later */
    read(chatId: string, seq: number, version = untold): number {
      pointers.set(chatId, Math.max(seq, pointers.get(chatId) ?? 0));
      const { settings } = of(chatId);
      const isBefore = isOlder(version, settings);
      hear(chatId, version, ({ reads }) => {
        // What was read here is told now; what was told before and is not further says nothing more.
        const isToldBefore = (read: Part<number>) => version !== untold && read.version <= version;
        const others = reads.filter(
          (read) => read.value > seq || !(read.version === untold || isToldBefore(read)),
        );
        return { reads: isBefore ? others : [...others, { value: seq, version }] };
      });
      const mark = isBefore ? settle(of(chatId)).unread_from : null;
      return Math.min(seq, (mark ?? Infinity) - 1);
    },
    /** A summary that the server told, with what is known besides. */
    over(told: ChatSummary, shown?: ChatSummary): ChatSummary {
      const { id, own_version: version } = told;
      const before = of(id);
      if (!isOlder(version, before.settings) && version !== before.settings?.version) {
        const reads = before.reads.filter((read) => read.version > version);
        hear(id, version, () => ({ settings: { value: told.settings, version }, reads }));
      }
      heard.draft(id, told.draft, version);
      const known = { ...of(id), whole: Math.max(version, of(id).whole) };
      chats.set(id, known);
      const settings = settle(known);
      const draft = known.draft ? known.draft.value : told.draft;
      const { summary } = applySettings({ ...told, draft, own_version: known.version }, settings);
      const pointer = Math.max(pointers.get(id) ?? 0, shown?.read_seq ?? 0);
      return applyRead(summary, Math.min(pointer, (settings.unread_from ?? Infinity) - 1)).summary;
    },
    /** The greatest own version of this chat. */
    version: (chatId: string): number => of(chatId).version,
    /** Whether some of so many changes were not heard. */
    lacks: (chatId: string, version: number): boolean => of(chatId).whole < version,
    forget(chatId: string): void {
      chats.delete(chatId);
      pointers.delete(chatId);
    },
    /** A connection begins: the user may have been taken out meanwhile and be in again, with other counts. */
    restart(): void {
      chats.clear();
    },
  };
  return heard;
}
