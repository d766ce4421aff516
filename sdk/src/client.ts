// The client: joins the parts, gives each frame to those whom it concerns, and ends them together.
import { createCall, type Call, type Fetch } from "./call.ts";
import { createCatchUp } from "./catch-up.ts";
import type { Change } from "./change-stream.ts";
import { createChangeStreams, type AllChangesOptions } from "./change-streams.ts";
import { createChatList, type ChatList } from "./chat-list.ts";
import { createKeeper, type ClientCache } from "./client-cache.ts";
import { createChatLog, type ChatLog } from "./chat-log.ts";
import { createSystemClock, type Clock } from "./clock.ts";
import { createConnection, type ConnectionState } from "./connection.ts";
import type { MessageInfo } from "./contract.ts";
import { createFeeds } from "./feeds.ts";
import type { EventFrame } from "./frame.ts";
import { createKey } from "./key.ts";
import { createLooks, type Look } from "./looks.ts";
import { tell, type Observable } from "./observable.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import type { OutboxEntry } from "./outbox-entry.ts";
import { createMemoryStorage, type OutboxStorage } from "./outbox-storage.ts";
import { createPatience } from "./patience.ts";
import { createPresence, type PresenceState } from "./presence.ts";
import { createReads } from "./reads.ts";
import { askFor, createTokens, type TicketHook, type TokenHook } from "./token.ts";
import { createTyping, type TypingState } from "./typing.ts";
import { watchBrowser, type WakeSource } from "./wake.ts";
import type { WebSocketConstructor } from "./wire.ts";

export interface ClientOptions {
  /** Where the server is, such as `https://chat.example.org`, without a slash at the end. */
  url: string;
  token: TokenHook;
  /** Connects by single-use tickets, so that no token is in an address. */
  ticket?: TicketHook;
  /** Whose client it is, where that is known before there is a token. */
  userId?: string;
  /** Where messages that are not sent yet outlive the program; in memory unless given. */
  storage?: OutboxStorage;
  /** Where chats and the ends of logs outlive the program, so that it opens with them; nothing is kept unless given. */
  cache?: ClientCache;
  fetch?: Fetch;
  webSocket?: WebSocketConstructor;
  clock?: Clock;
  /** From 0 (included) to 1 (excluded). */
  random?: () => number;
  /** Makes idempotency keys. */
  newKey?: () => string;
  /** When to come back at once; in a browser, when the network or the person is back. */
  wake?: WakeSource;
}

export interface Client extends Disposable {
  /** Calls an operation of the REST API. Needs no connection. */
  readonly call: Call;
  readonly connection: Observable<ConnectionState>;
  /** Each frame that the server sends by itself, as it comes: perhaps twice, and in no certain order. */
  onEvent(listener: (event: EventFrame) => void): () => void;
  /** Connects, and comes back by itself from then on; again after the connection was `closed`, as by signing in. */
  connect(): void;
  /** Writes to the cache at once what waits for a quiet moment, as when the page may go. */
  keep(): void;
  /** Ends the connection, all logs and all timers, for good. The outbox's storage keeps what is not sent. */
  close(): void;
  /** Who is signed in; undefined until there is a token. */
  userId(): string | undefined;
  chatLog(chatId: string): ChatLog;
  /** What happens in all chats, one change after the other. */
  changes(options?: AllChangesOptions): AsyncIterableIterator<Change>;
  readonly chats: ChatList;
  readonly outbox: Outbox;
  /** Somebody looks at this chat until the look ends: presence, typing and reading are heard. */
  look(chatId: string): Look;
  presence(chatId: string): Observable<PresenceState>;
  typing(chatId: string): Observable<TypingState>;
  /** Tells others that the user writes; call it at each key, it goes out every three seconds at most. */
  sendTyping(chatId: string): void;
}

/**
 * A client of one user. It does nothing until something is asked of it.
 * @example
 * ```ts
 * const client = createClient({ url: "https://chat.example.org", token: () => accessToken });
 * client.connect();
 * using log = client.chatLog(chatId);
 * log.subscribe(({ messages }) => console.log(messages.map(({ text }) => text)));
 * client.outbox.send(chatId, "Hello");
 * ```
 */
export function createClient(options: ClientOptions): Client {
  const { storage = createMemoryStorage(), clock = createSystemClock(), random = Math.random } = options;
  const { fetch = (url, init) => globalThis.fetch(url, init), webSocket = globalThis.WebSocket } = options;
  const { newKey = createKey, wake = watchBrowser } = options;
  const api = `${options.url}/api/v1`;
  const listeners = new Set<{ listener: (event: EventFrame) => void }>();
  const logs = new Set<ReturnType<typeof createChatLog>>();

  const { ticket } = options;
  const tokens = createTokens({ hook: options.token, clock, userId: options.userId });
  const patience = createPatience({ clock, random });
  const keeper = createKeeper({ cache: options.cache, clock });
  const call = createCall({ url: api, fetch, tokens, clock });
  const connection = createConnection({
    clock,
    random,
    tokens,
    webSocket,
    async entranceFor(token) {
      const address = `${api.replace(/^http/, "ws")}/ws`;
      if (!ticket) return { address: `${address}?token=${encodeURIComponent(token)}` };
      return { address, protocols: ["windi", `ticket.${await askFor(ticket)}`] };
    },
    onEvent: hear,
    onSubscribed(answer) {
      patience.hurry();
      feeds.subscribed(answer.chats, answer.is_complete);
      streams.subscribed();
      looks.connected();
      chatList.connected();
      reads.resume();
      outbox.flushAll();
      for (const { resume } of logs) resume();
    },
    onLost() {
      chatList.lost();
      presence.lost();
      typing.lost();
    },
  });
  const isConnected = () => connection.isSubscribed();

  const catchUp = createCatchUp({
    ask: (chats) => connection.request("catch_up", { chats }),
    isConnected,
    patience,
  });
  const feeds = createFeeds({
    clock,
    catchUp,
    onMoved: (chatId) => outbox.settle(chatId),
    onFound(position, because) {
      chatList.heardOf(position.chat_id, because === "first");
      if (because !== "moved") streams.found(position, because === "event");
    },
  });
  const streams = createChangeStreams({ call, feeds, patience });

  async function transmit({ chatId, text, key, mentions }: OutboxEntry): Promise<MessageInfo> {
    typing.wrote(chatId);
    const body = { text, idempotency_key: key, mentions: [...mentions] };
    if (!isConnected()) return call("sendMessage", { params: { chat_id: chatId }, body });
    return (await connection.request("send_message", { chat_id: chatId, ...body })).data;
  }
  const outbox = createOutbox({
    clock,
    newKey,
    storage,
    patience,
    // Who never connects sends by calls.
    canSend: () => isConnected() || connection.get().phase === "idle",
    transmit,
    isAwaited: (message) => feeds.isBehind(message.chat_id, message.version),
  });
  const reads = createReads({
    patience,
    isConnected,
    tell: (chat_id, message_id) => connection.request("message_read", { chat_id, message_id }),
  });
  const chatList = createChatList({
    clock,
    random,
    call,
    feeds,
    patience,
    keeper,
    reads,
    userId: tokens.userId,
  });
  const presence = createPresence();
  const typing = createTyping({ clock, tell: (chat_id) => connection.tell("typing", { chat_id }) });
  const looks = createLooks({
    patience,
    isConnected,
    join: (chat_id) => connection.request("join_chat", { chat_id }),
    leave: (chat_id) => connection.request("leave_chat", { chat_id }),
    onJoined(chatId) {
      for (const { log, refreshReads } of logs) if (log.chatId === chatId) refreshReads();
    },
  });
  const stopWatching = wake(() => connection.wake());

  function hear(frame: EventFrame): void {
    feeds.hear(frame);
    if (frame.event === "new_message" && frame.data.sender.id === tokens.userId())
      outbox.acknowledge(frame.data.idempotency_key ?? "", frame.data);
    chatList.hear(frame);
    presence.hear(frame);
    typing.hear(frame);
    for (const { hear: hearOf } of logs) hearOf(frame);
    for (const { listener } of [...listeners]) tell(listener, frame);
  }
  function chatLog(chatId: string): ChatLog {
    const opened = createChatLog({
      chatId,
      call,
      feeds,
      patience,
      keeper,
      outbox: outbox.outbox,
      userId: tokens.userId,
      changes: (given) => streams.one(chatId, given),
      onClosed: () => void logs.delete(opened),
    });
    logs.add(opened);
    return opened.log;
  }

  let isClosed = false;
  function close(): void {
    isClosed = true;
    stopWatching();
    keeper.flush();
    connection.stop();
    for (const { log } of logs) log.close();
    streams.end();
    outbox.end();
    chatList.end();
    feeds.end();
    typing.lost();
    patience.end();
  }

  return {
    call,
    connection,
    keep: keeper.flush,
    onEvent(listener) {
      const entry = { listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    connect() {
      if (!isClosed) connection.start();
    },
    close,
    userId: tokens.userId,
    chatLog,
    changes: streams.all,
    chats: chatList.chats,
    outbox: outbox.outbox,
    look: looks.look,
    presence: presence.of,
    typing: typing.of,
    sendTyping: typing.tell,
    [Symbol.dispose]: close,
  };
}
