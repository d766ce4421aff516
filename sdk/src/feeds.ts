// All feeds, and where the server says that each chat is: gives what is heard to whoever follows the chat.
import type { CatchUp } from "./catch-up.ts";
import { readLiveChange, type Batch } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { Position } from "./contract.ts";
import { createFeed, type Feed } from "./feed.ts";
import type { EventFrame } from "./frame.ts";

interface FeedsNeeds {
  clock: Clock;
  catchUp: CatchUp;
  /** Feeds of this chat have moved, or ended. */
  onMoved: (chatId: string) => void;
  /**
   * A chat that was not known of. `first`: seen at the start of the first connection; `subscribed`: of a later one; `event`:
   * something happens in it from here on; `moved`: it was known of, and something happened in it while there was no connection.
   */
  onFound: (position: Position, because: "first" | "subscribed" | "event" | "moved") => void;
}

export interface Feeds {
  /** Tells of the chat's changes from a position on, those that were missed meanwhile included. */
  follow(position: Position, onBatch: (batch: Batch) => void): Feed;
  /** The furthest position that the server has told of; undefined for a chat that it has not named. */
  known(chatId: string): Position | undefined;
  /** Of all chats that the server has named. */
  allKnown(): Position[];
  /** Whether somebody follows the chat and has not come to this version. */
  isBehind(chatId: string, version: number): boolean;
  hear(frame: EventFrame): void;
  /** Where the chats are, at the start of a connection; `isComplete`: there are no others. */
  subscribed(positions: readonly Position[], isComplete: boolean): void;
  end(): void;
}

export function createFeeds({ clock, catchUp, onMoved, onFound }: FeedsNeeds): Feeds {
  const known = new Map<string, Position>();
  const following = new Map<string, Set<Feed>>();
  let hasSubscribed = false;

  const feedsOf = (chatId: string): ReadonlySet<Feed> => following.get(chatId) ?? new Set();

  /** @param start where the chat was before what told of it */
  function learn(position: Position, start = position): void {
    const before = known.get(position.chat_id);
    // Before the server has said where the chats are, an event does not tell how many messages there are.
    if (!hasSubscribed || (before && before.version >= position.version)) return;
    known.set(position.chat_id, { ...position, seq: Math.max(position.seq, before?.seq ?? 0) });
    if (!before) onFound(start, "event");
  }

  function hint(position: Position): void {
    learn(position);
    for (const feed of feedsOf(position.chat_id)) feed.hint(position.version);
  }

  return {
    follow(position, onBatch) {
      const chatId = position.chat_id;
      const feed = createFeed({
        position,
        catchUp,
        clock,
        onBatch(batch) {
          onBatch(batch);
          onMoved(chatId);
        },
      });
      const feeds = following.get(chatId) ?? new Set();
      following.set(chatId, feeds.add(feed));
      const at = known.get(chatId);
      // Also whoever is ahead: a server that was restored has another log.
      if (hasSubscribed) feed.reconcile(at);
      return {
        ...feed,
        skipTo(next) {
          feed.skipTo(next);
          onMoved(chatId);
        },
        end() {
          feed.end();
          feeds.delete(feed);
          if (feeds.size === 0 && following.get(chatId) === feeds) following.delete(chatId);
          onMoved(chatId);
        },
      };
    },
    known: (chatId) => known.get(chatId),
    allKnown: () => [...known.values()],
    isBehind: (chatId, version) => [...feedsOf(chatId)].some((feed) => feed.position().version < version),
    hear(frame) {
      const live = readLiveChange(frame);
      if (live) {
        const { chatId, version, change } = live;
        const position = {
          chat_id: chatId,
          version,
          seq: "message" in change ? change.message.seq : 0,
        };
        const seqBefore = change.kind === "sent" ? position.seq - 1 : position.seq;
        learn(position, { chat_id: chatId, version: version - 1, seq: seqBefore });
        for (const feed of feedsOf(chatId)) feed.take(live);
      } else if (frame.event === "position") {
        hint({ chat_id: frame.chat_id, seq: frame.seq, version: frame.version });
      } else if (frame.event === "chat_added") {
        const { id, seq, version } = frame.chat;
        hint({ chat_id: id, seq, version });
      } else if (frame.event === "chat_removed") {
        known.delete(frame.chat_id);
        for (const feed of feedsOf(frame.chat_id)) feed.reconcile(undefined);
      }
    },
    subscribed(positions, isComplete) {
      const begin = hasSubscribed ? "subscribed" : "first";
      hasSubscribed = true;
      const named = new Map(positions.map((position) => [position.chat_id, position]));
      if (isComplete) for (const chatId of known.keys()) if (!named.has(chatId)) known.delete(chatId);
      const news = positions.filter(({ chat_id, version }) => known.get(chat_id)?.version !== version);
      const wasKnown = new Set(known.keys());
      for (const position of positions) known.set(position.chat_id, position);
      for (const position of news) onFound(position, wasKnown.has(position.chat_id) ? "moved" : begin);
      for (const [chatId, feeds] of following) {
        for (const feed of feeds) feed.reconcile(named.get(chatId));
      }
    },
    end() {
      for (const feeds of following.values()) for (const feed of feeds) feed.end();
      following.clear();
    },
  };
}
