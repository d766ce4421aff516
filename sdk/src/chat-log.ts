// The messages of one chat: a piece of the log without holes that keeps itself current, and what is on its way to it.
import { isApiError, isFailure, type ApiError, type ConnectionError } from "./api-error.ts";
import type { Call } from "./call.ts";
import type { Batch } from "./changes.ts";
import type { Change } from "./change-stream.ts";
import type { ChatChangesOptions } from "./change-streams.ts";
import type { Keeper, StoredLog } from "./client-cache.ts";
import type { MessageInfo, Position } from "./contract.ts";
import type { Feed } from "./feed.ts";
import type { Feeds } from "./feeds.ts";
import type { EventFrame } from "./frame.ts";
import { createLogWindow } from "./log-window.ts";
import { createObservable, type Observable } from "./observable.ts";
import type { OutboxEntry } from "./outbox-entry.ts";
import type { Patience } from "./patience.ts";

export interface ChatLogState {
  /** `idle`: nobody has asked yet · `gone`: the user is not in the chat, or there is none. */
  readonly status: "idle" | "loading" | "ready" | "gone";
  /** In the order of seq, without holes, each in its latest version. */
  readonly messages: readonly MessageInfo[];
  /** What the user has written and is not among the messages, in the order in which it was written. */
  readonly pending: readonly OutboxEntry[];
  /** Whether the chat's first message is here, or its newest. */
  readonly isAtStart: boolean;
  readonly isAtEnd: boolean;
  /** Seq of the chat's newest message, as far as it is known. */
  readonly endSeq: number;
  /** Whether this is what an earlier run of the program kept, and the server has not said yet that it is current. */
  readonly isFromCache: boolean;
  /** Why loading does not get on; it goes on by itself if it can. */
  readonly error: ApiError | ConnectionError | undefined;
}

/** Loads the end of the chat when it is first subscribed to or asked for more. Close it when it is no longer shown. */
export interface ChatLog extends Observable<ChatLogState>, Disposable {
  readonly chatId: string;
  /** Adds the page before the oldest message. */
  loadOlder(): Promise<void>;
  /** Adds the page after the newest message that is here, when that is not the chat's newest. */
  loadNewer(): Promise<void>;
  /** Begins again with the messages on both sides of this seq. */
  loadAround(seq: number): Promise<void>;
  /** Begins again with the chat's newest messages. */
  loadEnd(): Promise<void>;
  /**
   * Drops the messages before and after these seqs, so that a long way through a chat does not grow in memory. The state
   * says that the start or the end is not here any more; they load again.
   */
  trim(range: { first: number; last: number }): void;
  /** What happens in the chat, one change after the other. Needs nothing of what is loaded. */
  changes(options?: ChatChangesOptions): AsyncIterableIterator<Change>;
  close(): void;
}

const endOfChat = 2_147_483_647;
const pageSize = 50;
/** The contract's limit. */
const longestPage = 100;

interface ChatLogNeeds {
  chatId: string;
  call: Call;
  feeds: Feeds;
  patience: Patience;
  keeper: Keeper;
  outbox: Observable<{ readonly entries: readonly OutboxEntry[] }>;
  userId: () => string | undefined;
  changes: (options?: ChatChangesOptions) => AsyncIterableIterator<Change>;
  onClosed: () => void;
}

interface PageQuery {
  before_seq?: number;
  after_seq?: number;
  around_seq?: number;
  limit?: number;
}

export function createChatLog(needs: ChatLogNeeds) {
  const { chatId, call, feeds, patience, keeper, outbox, userId, changes, onClosed } = needs;
  const window = createLogWindow();
  const underWay = new Map<string, Promise<void>>();
  let status: ChatLogState["status"] = "idle";
  let error: ChatLogState["error"];
  let feed: Feed | undefined;
  /** The page to begin with that was asked for last, and how many are being asked for: what comes too late is left out. */
  let wanted: PageQuery = { before_seq: endOfChat };
  let openings = 0;
  /** Messages that changed while pages are on their way: a page may have been read before they changed. */
  let changed: MessageInfo[] = [];
  /** Goes up when what was read before is out of date. */
  let epoch = 0;
  let isClosed = false;
  let isFromCache = false;
  /** What is shown is out of date, and is being read again. */
  let isStale = false;
  /** The newest message that was here. */
  let seenEnd = 0;
  let kept: readonly MessageInfo[] = [];

  const endSeq = () => Math.max(feed?.position().seq ?? 0, seenEnd, window.last());
  const state = createObservable<ChatLogState>(describe());
  let stopWatching = () => {};

  function describe(): ChatLogState {
    const end = endSeq();
    return {
      status,
      messages: window.messages(),
      pending: outbox.get().entries.filter((entry) => entry.chatId === chatId && !isHere(entry)),
      isAtStart: window.first() <= 1,
      isAtEnd: window.last() >= end,
      endSeq: end,
      isFromCache,
      error,
    };
  }

  function isHere({ key }: OutboxEntry): boolean {
    const messages = window.messages();
    return messages.some(({ idempotency_key, sender }) => idempotency_key === key && sender.id === userId());
  }

  function show(): void {
    if (isClosed) return;
    if (isFromCache && feed?.isConfirmed() && !isStale) isFromCache = false;
    state.set(describe());
    const log = readToKeep();
    if (!log || log.messages === kept) return;
    kept = log.messages;
    keeper.keepLog(chatId, readToKeep);
  }

  /** Only an end that is as the server has it is worth to begin with. */
  function readToKeep(): StoredLog | undefined {
    const isCurrent = status === "ready" && !isFromCache && !isStale && window.last() >= endSeq();
    if (!feed || !isCurrent) return undefined;
    const { version } = feed.position();
    return { messages: window.messages(), position: { chat_id: chatId, seq: window.last(), version } };
  }

  /** Begins with what was kept, if the page that is asked for is in it; the feed brings the rest. */
  async function showKept({ around_seq: seq }: PageQuery): Promise<boolean> {
    const log = await keeper.loadLog(chatId);
    if (isClosed || !log || feed || status !== "loading") return isClosed;
    const { messages, position } = log;
    if (seq !== undefined && !messages.some((message) => message.seq === seq)) return false;
    window.replace(messages);
    kept = window.messages();
    status = "ready";
    isFromCache = true;
    follow(position);
    show();
    return true;
  }

  function leave(): void {
    status = "gone";
    keeper.removeChat(chatId);
  }

  function follow(position: Position): void {
    feed ??= feeds.follow(position, take);
  }

  function take({ changes: list }: Batch): void {
    const kinds = new Set(list.map(({ kind }) => kind));
    if (kinds.has("gone")) leave();
    else if (kinds.has("resync") || status === "gone") return reread();
    const messages = list.flatMap((change) => ("message" in change ? [change.message] : []));
    if (underWay.size > 0) changed.push(...messages);
    if (status === "ready") window.merge(messages);
    show();
  }

  /** Nothing that was read so far is to be trusted. */
  function reread(): void {
    epoch++;
    isStale = true;
    seenEnd = 0;
    if (status === "gone") status = "loading";
    const middle = Math.floor((window.first() + window.last()) / 2);
    const wasAtEnd = state.get().isAtEnd;
    show();
    if (openings > 0) void attempt(open(wanted));
    else void attempt(wasAtEnd ? loadEnd() : loadAround(middle));
  }

  /** Reads one page at a time of each kind; reads it again when it is out of date as it comes. */
  function load(name: string, query: () => PageQuery, add: (page: MessageInfo[]) => void): Promise<void> {
    const running = underWay.get(name);
    if (running) return running;
    const loading = readPage(query, add).finally(() => {
      underWay.delete(name);
      if (underWay.size === 0) changed = [];
      // Who hears of this page may ask for the next one at once.
      show();
    });
    underWay.set(name, loading);
    return loading;
  }

  async function readPage(query: () => PageQuery, add: (page: MessageInfo[]) => void): Promise<void> {
    for (let readIn = -1; readIn !== epoch;) {
      readIn = epoch;
      const input = { params: { chat_id: chatId }, query: { limit: pageSize, ...query() } };
      const page = await patience.insist(() => call("getHistory", input), goOn).catch(fail);
      if (isClosed || !page) return;
      if (readIn !== epoch) continue;
      error = undefined;
      add(page);
      window.merge(changed);
    }
  }

  function goOn(failure: ApiError | ConnectionError): boolean {
    error = failure;
    show();
    return !isClosed;
  }

  function fail(failure: unknown): undefined {
    if (!isFailure(failure)) throw failure;
    if (isApiError(failure, "chat_not_found")) leave();
    error = failure;
    show();
    if (!isClosed && status !== "gone") throw failure;
  }

  function begin(page: MessageInfo[]): void {
    window.replace(page);
    status = "ready";
    isStale = false;
    isFromCache = false;
    // Everything in the page is at least from here: what came after it is still to be told.
    const version = Math.max(0, ...page.map((message) => message.version));
    follow({ chat_id: chatId, seq: window.last(), version });
  }

  async function open(query: PageQuery): Promise<void> {
    wanted = query;
    openings++;
    await beginWith(query).finally(() => openings--);
  }

  async function beginWith(query: PageQuery): Promise<void> {
    if (status === "idle") {
      status = "loading";
      stopWatching = outbox.subscribe(show);
    }
    if (status === "loading" && (await showKept(query))) return;
    // Position first, then data, then what is live. Of a page that is not the end, only a summary tells the position.
    let position = feeds.known(chatId);
    if (!feed && !position && query.around_seq !== undefined) {
      const input = { params: { chat_id: chatId } };
      const summary = await patience.insist(() => call("getSummary", input), goOn).catch(fail);
      if (isClosed || !summary) return;
      position = { chat_id: chatId, seq: summary.seq, version: summary.version };
    }
    if (position) follow(position);
    const name = JSON.stringify(query);
    await load(
      `begin ${name}`,
      () => query,
      (page) => {
        if (name === JSON.stringify(wanted)) begin(page);
      },
    );
  }

  const loadEnd = () => open({ before_seq: endOfChat });
  const loadAround = (seq: number) => open({ around_seq: seq, limit: longestPage });

  /** What fails for good is in the state; whoever did not ask needs no more. */
  const attempt = (loading: Promise<void>) =>
    loading.catch((failure: unknown) => {
      if (!isFailure(failure)) throw failure;
    });

  const log: ChatLog = {
    chatId,
    get: () => state.get(),
    subscribe(listener) {
      if (status === "idle") void attempt(loadEnd());
      return state.subscribe(listener);
    },
    loadOlder: async () => {
      if (status === "idle") return loadEnd();
      if (status !== "ready" || state.get().isAtStart) return;
      await load(
        "older",
        () => ({ before_seq: window.first() }),
        (page) => window.merge(page),
      );
    },
    loadNewer: async () => {
      if (status === "idle") return loadEnd();
      if (status !== "ready" || state.get().isAtEnd) return;
      await load(
        "newer",
        () => ({ after_seq: window.last() }),
        (page) => window.merge(page),
      );
    },
    loadAround,
    loadEnd,
    trim(range) {
      seenEnd = endSeq();
      window.trim(range);
      show();
    },
    changes,
    close() {
      if (isClosed) return;
      isClosed = true;
      feed?.end();
      stopWatching();
      onClosed();
    },
    [Symbol.dispose]: () => log.close(),
  };

  return {
    log,
    /** Reading and names have no version; reading is told to those who look at the chat. */
    hear(frame: EventFrame): void {
      if (frame.event === "user_changed") {
        window.rename(frame.user);
        return show();
      }
      if (frame.event !== "message_read" || frame.data.chat_id !== chatId) return;
      const message = window.find(frame.data.message_id);
      if (!message) return;
      window.read(frame.data.user_id, message.seq, frame.data.read_at);
      show();
    },
    /** From now on reading is heard of; what was read before is in a page. */
    refreshReads(): void {
      if (status !== "ready") return;
      const isOpen = window.messages().some(({ sender, is_read }) => sender.id === userId() && !is_read);
      const query = () => ({ before_seq: window.last() + 1, limit: longestPage });
      if (isOpen) void attempt(load("reads", query, (page) => window.merge(page)));
    },
    /** The server is there again. */
    resume(): void {
      if (status === "loading" && openings === 0) void attempt(open(wanted));
      else if (isFromCache) show();
    },
  };
}
