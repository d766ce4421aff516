// The list of chats: summaries by pages, pinned ones first, then the latest activity; kept current by what happens.
import { isApiError, isFailure } from "./api-error.ts";
import type { Call } from "./call.ts";
import type { Batch } from "./changes.ts";
import type { Keeper } from "./client-cache.ts";
import type { Clock } from "./clock.ts";
import type { ChatPage, ChatSummary, Draft, MessageInfo } from "./contract.ts";
import type { Feed } from "./feed.ts";
import type { Feeds } from "./feeds.ts";
import type { EventFrame } from "./frame.ts";
import { createHeard } from "./heard.ts";
import { createObservable, type Observable } from "./observable.ts";
import type { Patience } from "./patience.ts";
import type { Reads } from "./reads.ts";
import { createSettingsChanges, type SettingsChange } from "./settings-changes.ts";
import {
  applyChange,
  applyRead,
  applyReading,
  applySettings,
  applyUser,
  sortSummaries,
  type Applied,
} from "./summary.ts";
import { createTotals, type ChatTotals } from "./totals.ts";

export interface ChatListState {
  /** Pinned chats first, then the one with the latest activity. */
  readonly chats: readonly ChatSummary[];
  /** Whether there are more than these: `loadMore`. */
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  /** Whether these are what an earlier run of the program kept, and the server has not answered yet. */
  readonly isFromCache: boolean;
}

/** Empty until `loadMore` is called for the first time; from then on current by itself. */
export interface ChatList extends Observable<ChatListState> {
  find(chatId: string): ChatSummary | undefined;
  /** Adds the next page, if there is one. */
  loadMore(): Promise<void>;
  /** Adds all pages, in larger ones. */
  loadAll(): Promise<void>;
  /** How much is unread in the chats that are here. */
  readonly totals: Observable<ChatTotals>;
  /** Everything up to this message is read; up to the newest unless given. Kept until the server knows. */
  markRead(chatId: string, upTo?: Pick<MessageInfo, "id" | "seq">): void;
  /** Pins, mutes, or marks as unread from a seq: shown at once, sent when it can be, undone and thrown when refused. */
  changeSettings(chatId: string, change: SettingsChange): Promise<void>;
  /** Keeps what is written and not sent, on all devices; shown at once. Empty: there is no draft. Tries once. */
  saveDraft(chatId: string, text: string): Promise<void>;
}

const pageSize = 50;
const largePageSize = 200;
/** The contract's limit. */
const longestPage = 1000;
/** Clients that come back together do not ask together. */
const spreadMs = 2000;

interface ChatListNeeds {
  clock: Clock;
  random: () => number;
  call: Call;
  feeds: Feeds;
  patience: Patience;
  keeper: Keeper;
  reads: Reads;
  userId: () => string | undefined;
}

export function createChatList(needs: ChatListNeeds) {
  const { clock, random, call, feeds, patience, keeper, reads, userId } = needs;
  const rows = new Map<string, { summary: ChatSummary; feed: Feed }>();
  const state = createObservable<ChatListState>({
    chats: [],
    hasMore: true,
    isLoading: false,
    isFromCache: false,
  });
  const totals = createTotals(clock);
  /** Chats that were kept, and of which the server has not said yet that the user is in them. */
  const unconfirmed = new Set<string>();
  const changes = createSettingsChanges({
    call,
    patience,
    goesOn: () => !isEnded,
    onTold: (chatId, settings, version) => heard.settings(chatId, settings, version),
    onMoved(chatId, settings) {
      apply(chatId, (summary) => ({ ...applySettings(summary, settings), isUncertain: false }));
      show();
    },
  });
  /** Chats of which only the server knows how they are now. */
  const uncertain = new Set<string>();
  /** Chats that the pages still to come should have. */
  const awaited = new Set<string>();
  const heard = createHeard();
  let isStarted = false;
  let isRefreshing = false;
  let isEnded = false;
  let cursor: string | undefined;
  let loading: Promise<void> | undefined;
  let cancelReread = () => {};

  const sorted = () => sortSummaries([...rows.values()].map(({ summary }) => summary));

  function show(more: Partial<ChatListState> = {}): void {
    const chats = sorted();
    totals.update(chats);
    state.set({ ...state.get(), chats, ...more });
    if (isStarted && !state.get().isFromCache) keeper.keepChats(() => state.get().chats);
  }

  /** What is kept is shown until the server's first page is here; the feeds bring what happened meanwhile. */
  async function showKept(): Promise<void> {
    const kept = await keeper.loadChats();
    if (isEnded) return;
    for (const summary of kept.filter(({ id }) => !rows.has(id))) {
      unconfirmed.add(summary.id);
      put(summary);
    }
    if (unconfirmed.size > 0) show({ isFromCache: true });
  }

  /** Whatever should be in what the server has told, and is not, is gone or elsewhere. */
  function reconcile({ chats: page, next_cursor }: ChatPage): void {
    for (const { id } of page) unconfirmed.delete(id);
    const end = page.at(-1)?.id;
    for (const { id } of sorted()) {
      if (id === end && next_cursor !== null) break;
      if (unconfirmed.has(id)) refresh(id);
    }
  }

  function put(told: ChatSummary): void {
    const row = rows.get(told.id);
    const own = heard.over(told, row?.summary);
    const { summary } = applySettings(own, changes.over(told.id, own.settings));
    const position = { chat_id: summary.id, seq: summary.seq, version: summary.version };
    if (!row) rows.set(summary.id, { summary, feed: feeds.follow(position, take) });
    else if (summary.version >= row.feed.position().version) {
      row.summary = summary;
      row.feed.skipTo(position);
    } else refresh(summary.id);
  }

  function apply(chatId: string, change: (summary: ChatSummary) => Applied): void {
    const row = rows.get(chatId);
    if (!row) return;
    const { summary, isUncertain } = change(row.summary);
    const own_version = Math.max(summary.own_version, heard.version(chatId));
    row.summary = { ...summary, own_version };
    if (isUncertain) refresh(chatId);
  }

  function setDraft(chatId: string, draft: Draft | null): void {
    apply(chatId, (summary) => ({ summary: { ...summary, draft }, isUncertain: false }));
    show();
  }

  function take({ chatId, changes: list, position }: Batch): void {
    if (list.some(({ kind }) => kind === "gone")) return remove(chatId);
    unconfirmed.delete(chatId);
    for (const change of list)
      apply(chatId, (summary) => applyChange(summary, change, position.version, userId()));
    show();
  }

  function remove(chatId: string): void {
    rows.get(chatId)?.feed.end();
    rows.delete(chatId);
    heard.forget(chatId);
    unconfirmed.delete(chatId);
    keeper.removeChat(chatId);
    show();
  }

  function refresh(chatId: string): void {
    uncertain.add(chatId);
    if (!isRefreshing) void refreshAll();
  }

  /** What no page had, since it moved up while they were read. */
  function refreshAwaited(): void {
    for (const chatId of awaited) if (!rows.has(chatId)) refresh(chatId);
    awaited.clear();
  }

  /** One after the other: a summary costs the server more than a change does. */
  async function refreshAll(): Promise<void> {
    isRefreshing = true;
    for (const chatId of uncertain) {
      uncertain.delete(chatId);
      try {
        const input = { params: { chat_id: chatId } };
        const summary = await patience.insist(
          () => call("getSummary", input),
          () => !isEnded,
        );
        if (isEnded) break;
        put(summary);
        show();
      } catch (error) {
        if (!isFailure(error)) throw error;
        if (isApiError(error, "chat_not_found")) remove(chatId);
      }
    }
    isRefreshing = false;
  }

  /** Asks for all again: that something read or set elsewhere was missed, no version tells. */
  async function reread(): Promise<void> {
    // A page that is on its way may have been read before the connection began.
    await loading?.catch(() => {});
    if (rows.size === 0) return;
    const unseen = new Set(rows.keys());
    try {
      let next: string | undefined;
      do {
        const limit = Math.min(longestPage, unseen.size);
        const query = { limit, ...(next === undefined ? {} : { cursor: next }) };
        const page = await patience.insist(
          () => call("listSummaries", { query }),
          () => !isEnded,
        );
        if (isEnded) return;
        for (const summary of page.chats) {
          put(summary);
          unseen.delete(summary.id);
        }
        next = page.next_cursor ?? undefined;
        // A few that others have come before are asked for one by one: they may be anywhere further down.
      } while (next !== undefined && unseen.size > pageSize);
      for (const chatId of unseen) refresh(chatId);
      show();
    } catch (error) {
      if (!isFailure(error)) throw error;
    }
  }

  async function loadPage(limit: number): Promise<void> {
    const isFirst = !isStarted;
    isStarted = true;
    show({ isLoading: true });
    try {
      if (isFirst) await showKept();
      const query = { limit, ...(cursor === undefined ? {} : { cursor }) };
      const page = await patience.insist(
        () => call("listSummaries", { query }),
        () => !isEnded,
      );
      if (isEnded) return;
      for (const summary of page.chats) put(summary);
      reconcile(page);
      cursor = page.next_cursor ?? undefined;
      if (cursor === undefined) refreshAwaited();
      show({ hasMore: cursor !== undefined, isFromCache: false });
    } finally {
      loading = undefined;
      show({ isLoading: false });
    }
  }

  const chats: ChatList = {
    get: () => state.get(),
    subscribe: (listener) => state.subscribe(listener),
    find: (chatId) => rows.get(chatId)?.summary,
    async loadMore() {
      if (state.get().hasMore) await (loading ??= loadPage(pageSize));
    },
    async loadAll() {
      while (state.get().hasMore && !isEnded) await (loading ??= loadPage(largePageSize));
    },
    totals: totals.totals,
    markRead(chatId, upTo = rows.get(chatId)?.summary.last_message ?? undefined) {
      const isNews = upTo && upTo.seq > (rows.get(chatId)?.summary.read_seq ?? 0);
      if (!isNews) return;
      heard.read(chatId, upTo.seq);
      apply(chatId, (summary) => ({ ...applyRead(summary, upTo.seq), isUncertain: false }));
      show();
      reads.mark(chatId, upTo);
    },
    async changeSettings(chatId, change) {
      const current = rows.get(chatId)?.summary.settings;
      await changes.change(chatId, change, current);
      // How much that leaves unread, only the server knows.
      if (change.unread_from !== undefined) refresh(chatId);
    },
    async saveDraft(chatId, text) {
      const shown = text === "" ? null : { text, updated_at: new Date(clock.now()).toISOString() };
      setDraft(chatId, shown);
      try {
        const input = { params: { chat_id: chatId }, body: { text } };
        const { draft, own_version } = await call("saveDraft", input);
        const isNews = heard.draft(chatId, draft, own_version);
        // Unless another has come meanwhile.
        if (isNews && rows.get(chatId)?.summary.draft === shown) setDraft(chatId, draft);
      } catch (error) {
        if (isApiError(error) && !error.retryable) refresh(chatId);
        throw error;
      }
    },
  };

  return {
    chats,
    hear(frame: EventFrame): void {
      if (!isStarted) return;
      if (frame.event === "chat_added") put(frame.chat);
      else if (frame.event === "chat_read") {
        const { chat_id, read_seq, own_version } = frame;
        const upTo = heard.read(chat_id, read_seq, own_version);
        apply(chat_id, (summary) => {
          const isPart = read_seq >= summary.read_seq && read_seq < summary.seq;
          return { ...applyRead(summary, upTo), isUncertain: isPart || upTo < read_seq };
        });
      } else if (frame.event === "chat_settings") {
        const { chat_id, settings, own_version } = frame;
        const known = heard.settings(chat_id, settings, own_version);
        apply(chat_id, (summary) => applySettings(summary, changes.over(chat_id, known)));
        return rows.has(chat_id) ? show() : this.heardOf(chat_id);
      } else if (frame.event === "draft") {
        const { chat_id, draft, own_version } = frame;
        if (heard.draft(chat_id, draft, own_version)) setDraft(chat_id, draft);
      } else if (frame.event === "message_read") {
        const { chat_id, message_id, user_id, read_at } = frame.data;
        apply(chat_id, (summary) => ({
          summary: applyReading(summary, message_id, user_id, read_at),
          isUncertain: false,
        }));
      } else if (frame.event === "user_changed") {
        for (const row of rows.values()) row.summary = applyUser(row.summary, frame.user);
      } else if (frame.event === "new_message") return this.heardOf(frame.data.chat_id);
      else if (frame.event === "position") {
        const { chat_id, own_version = 0 } = frame;
        if (rows.has(chat_id) && heard.lacks(chat_id, own_version)) refresh(chat_id);
        return;
      } else return;
      show();
    },
    /** A connection begins: nobody tells what was read or set elsewhere meanwhile. */
    connected(): void {
      heard.restart();
      if (isStarted) cancelReread = clock.later(random() * spreadMs, () => void reread());
    },
    /** The connection has ended. */
    lost: (): void => cancelReread(),
    /**
     * Something happens in a chat that the list does not have, or the user has come into one.
     * @param isOneOfAll it is named because the first connection begins
     */
    heardOf(chatId: string, isOneOfAll = false): void {
      if (!isStarted || rows.has(chatId)) return;
      if (isOneOfAll && state.get().hasMore) awaited.add(chatId);
      else refresh(chatId);
    },
    end(): void {
      isEnded = true;
      totals.end();
      cancelReread();
      for (const { feed } of rows.values()) feed.end();
    },
  };
}
