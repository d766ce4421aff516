// Which messages are worth a sound and a notification: not one's own, not muted ones, and not those that are read anyway.
import {
  isMuted,
  type ChatSummary,
  type Client,
  type Clock,
  type MessageInfo,
  type UserInfo,
} from "@windi/sdk";

/** What there is to tell of one chat: its newest message takes the place of the one before. */
export interface News {
  readonly chat: ChatSummary;
  readonly message: MessageInfo;
}

interface QuietNeeds {
  client: Pick<Client, "chats" | "onEvent">;
  me: { get(): Pick<UserInfo, "id"> };
  clock: Clock;
  /** Whether the person has this chat before their eyes: it is open, and the page has the focus. */
  isSeen: (chatId: string) => boolean;
  /** All that came together. `isLoud`: with a sound; of a burst only the first is. */
  onNews: (news: readonly News[], isLoud: boolean) => void;
  /** A chat was read, here or elsewhere, or is gone: what was told of it is no news any more. */
  onRead: (chatId: string) => void;
}

/** Long enough for another tab or device, where the chat is open, to say that it is read. */
const gatherMs = 800;
/** A burst ends when there is no news for this long; */
const quietMs = 5000;
/** one that never ends is heard now and then. */
const longestBurstMs = 60_000;

/** Tells of news from now on; answers with a way to end this. */
export function watchNews({ client, me, clock, isSeen, onNews, onRead }: QuietNeeds): () => void {
  const waiting = new Map<string, MessageInfo>();
  let loudAt = -Infinity;
  let newsAt = -Infinity;
  let cancel: (() => void) | undefined;

  /** The news that the message is by now; undefined when it is none. */
  function findNews(message: MessageInfo): News | undefined {
    const chat = client.chats.find(message.chat_id);
    if (!chat || isSeen(chat.id) || isMuted(chat.settings, clock.now())) return undefined;
    return message.seq > chat.read_seq ? { chat, message } : undefined;
  }

  function tell(): void {
    cancel = undefined;
    const news = [...waiting.values()].flatMap((message) => findNews(message) ?? []);
    waiting.clear();
    if (news.length === 0) return;
    const now = clock.now();
    const isLoud = now - newsAt >= quietMs || now - loudAt >= longestBurstMs;
    newsAt = now;
    if (isLoud) loudAt = now;
    onNews(news, isLoud);
  }

  function take(message: MessageInfo): void {
    if (message.sender.id === me.get().id) return;
    if (message.seq <= (waiting.get(message.chat_id)?.seq ?? 0)) return;
    waiting.set(message.chat_id, message);
    cancel ??= clock.later(gatherMs, tell);
  }

  // What was missed without a connection comes another way, and is in the counts.
  const stop = client.onEvent((event) => {
    if (event.event === "new_message") take(event.data);
    else if (event.event === "chat_read" || event.event === "chat_removed") onRead(event.chat_id);
    else if (event.event === "message_changed" && event.data.deleted_at !== null) {
      if (waiting.get(event.data.chat_id)?.id === event.data.id) waiting.delete(event.data.chat_id);
    }
  });
  return () => {
    stop();
    cancel?.();
  };
}

/** Of the tabs of one browser only one makes a sound: the first that is open. Where there are no locks, each does. */
export function watchFirstTab(locks: Pick<LockManager, "request"> | undefined): {
  isFirst(): boolean;
  end(): void;
} {
  let isFirst = locks === undefined;
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  void locks?.request("windi.first-tab", () => {
    isFirst = true;
    return ended;
  });
  return { isFirst: () => isFirst, end };
}
