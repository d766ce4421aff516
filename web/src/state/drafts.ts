// What is written and not sent, in each chat: here at once, on the person's other devices after a moment.
import {
  createObservable,
  isApiError,
  isFailure,
  type ChatList,
  type Clock,
  type Observable,
} from "@windi/sdk";
import type { DraftStorage, StoredDraft } from "./store.ts";

/** The draft of one chat, for the composer that shows it. */
export interface Draft extends Observable<string> {
  /** At each key. Not for the text of a message that is being edited: that is no draft. */
  write(text: string): void;
  /** While the composer has the focus, nothing from elsewhere takes the place of the text. */
  focus(): void;
  /** Also when the page is hidden: what is not saved goes out at once. */
  blur(): void;
  /** As the message is sent: there is no draft any more. */
  clear(): void;
}

export interface Drafts {
  of(chatId: string): Draft;
  /** Saves all that is not saved, as before the page goes, and when the server is there again. */
  flush(): void;
}

interface DraftsNeeds {
  chats: Pick<ChatList, "get" | "subscribe" | "find" | "saveDraft">;
  storage: DraftStorage;
  clock: Clock;
}

interface Entry {
  shown: ReturnType<typeof createObservable<string>>;
  /** What the server has, as far as it is known here. */
  told: string;
  /** What came from elsewhere while the composer had the focus. */
  held: string | undefined;
  /** Whether what is shown is on its way to the server, or is still to go. */
  isDirty: boolean;
  isFocused: boolean;
  isSaving: boolean;
  /** What an earlier run left, until it is known what the server has by now. */
  left: StoredDraft | undefined;
  /** What was saved from here lately: the server tells it back, perhaps after what was saved then. */
  echoes: { text: string; until: number }[];
  cancel: () => void;
}

const restMs = 1000;
const echoMs = 5000;
/** The contract's limit: what is longer stays here. */
const longestText = 4096;

export function createDrafts({ chats, storage, clock }: DraftsNeeds): Drafts & { end(): void } {
  const entries = new Map<string, Entry>();
  let seen = new Map<string, unknown>();

  function entryOf(chatId: string): Entry {
    const found = entries.get(chatId);
    if (found) return found;
    const told = chats.find(chatId)?.draft?.text ?? "";
    const state = { held: undefined, left: undefined, isDirty: false, isFocused: false, isSaving: false };
    const entry: Entry = { shown: createObservable(told), told, echoes: [], cancel: () => {}, ...state };
    entries.set(chatId, entry);
    return entry;
  }

  const isDue = ({ until }: { until: number }) => clock.now() < until;

  /** What cannot be kept here may still go to the server. */
  const keep = (keeping: Promise<void>) => void keeping.catch(() => {});

  function write(chatId: string, text: string): void {
    const entry = entryOf(chatId);
    if (text === entry.shown.get() && !entry.isDirty) return;
    entry.shown.set(text);
    entry.held = undefined;
    entry.left = undefined;
    entry.isDirty = true;
    entry.cancel();
    const told = (entry.isSaving ? entry.echoes.at(-1)?.text : undefined) ?? entry.told;
    keep(storage.save({ chatId, text, at: clock.now(), told }));
    entry.cancel = clock.later(restMs, () => void save(chatId, entry));
  }

  /** One at a time for each chat, so that the last one stays. */
  async function save(chatId: string, entry: Entry): Promise<void> {
    entry.cancel();
    if (!entry.isDirty || entry.isSaving || entry.left) return;
    entry.isSaving = true;
    const text = entry.shown.get();
    entry.echoes = [...entry.echoes, { text, until: clock.now() + echoMs }].filter(isDue);
    const isSaved = text.length <= longestText && (text === entry.told || (await put(chatId, text)));
    entry.isSaving = false;
    if (!isSaved) return;
    entry.told = text;
    if (entry.shown.get() !== text) return save(chatId, entry);
    entry.isDirty = false;
    keep(storage.remove(chatId));
    settle(entry);
  }

  /** Whether it is dealt with: what the server refuses, it refuses again. */
  async function put(chatId: string, text: string): Promise<boolean> {
    try {
      await chats.saveDraft(chatId, text);
      return true;
    } catch (error) {
      if (!isFailure(error)) throw error;
      return isApiError(error, "chat_not_found", "invalid_request");
    }
  }

  /** Shows what came from elsewhere, where nobody is writing. */
  function settle(entry: Entry): void {
    if (entry.isDirty || entry.isFocused || entry.held === undefined) return;
    entry.shown.set(entry.held);
    entry.held = undefined;
  }

  function tell(chatId: string, text: string): void {
    const entry = entryOf(chatId);
    const isEcho = entry.echoes.some((echo) => echo.text === text && isDue(echo));
    if (isEcho || text === entry.told) return;
    entry.told = text;
    // What is written here and still to go is newer.
    if (entry.isDirty) return;
    entry.held = text;
    settle(entry);
  }

  async function load(): Promise<void> {
    const stored = await storage.load().catch(() => []);
    for (const left of stored) {
      const entry = entryOf(left.chatId);
      if (entry.isDirty) continue;
      entry.isDirty = true;
      entry.left = left;
      entry.shown.set(left.text);
      review(entry);
    }
  }

  /** What an earlier run left goes to the server, unless another device has written since. */
  function review(entry: Entry): void {
    const { left } = entry;
    const { hasMore, isFromCache } = chats.get();
    if (!left || hasMore || isFromCache) return;
    const theirs = chats.find(left.chatId)?.draft;
    entry.left = undefined;
    if (theirs && theirs.text !== left.told && Date.parse(theirs.updated_at) > left.at) {
      entry.isDirty = false;
      entry.told = entry.held = theirs.text;
      keep(storage.remove(left.chatId));
      settle(entry);
    } else void save(left.chatId, entry);
  }

  const stop = chats.subscribe(({ chats: list }) => {
    const before = seen;
    seen = new Map(list.map(({ id, draft }) => [id, draft]));
    for (const { id, draft } of list) if (draft !== (before.get(id) ?? null)) tell(id, draft?.text ?? "");
    for (const entry of entries.values()) review(entry);
  });
  void load();

  return {
    of(chatId) {
      const { shown } = entryOf(chatId);
      return {
        get: shown.get,
        subscribe: shown.subscribe,
        write: (text) => write(chatId, text),
        focus: () => void (entryOf(chatId).isFocused = true),
        blur() {
          const entry = entryOf(chatId);
          entry.isFocused = false;
          settle(entry);
          void save(chatId, entry);
        },
        clear() {
          write(chatId, "");
          void save(chatId, entryOf(chatId));
        },
      };
    },
    flush() {
      for (const [chatId, entry] of entries) void save(chatId, entry);
    },
    end() {
      stop();
      for (const { cancel } of entries.values()) cancel();
    },
  };
}
