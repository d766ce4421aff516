// Changes one after the other, for programs that act on them: from stored positions on, without gaps.
import { isApiError, isFailure } from "./api-error.ts";
import type { Call } from "./call.ts";
import type { Batch, ChangeOf } from "./changes.ts";
import type { MessageInfo, Position } from "./contract.ts";
import type { Feed } from "./feed.ts";
import type { Feeds } from "./feeds.ts";
import type { Patience } from "./patience.ts";

/**
 * A change, and the position to store when it is dealt with: from there on nothing is missed, at worst repeated.
 * `following` comes first for a chat without a stored position: what happens from there on will be told.
 */
export type Change = (ChangeOf | { readonly kind: "following" }) & {
  readonly chatId: string;
  readonly position: Position;
};

/** What waits to be told. */
interface Told extends Omit<Batch, "changes"> {
  readonly changes: readonly (ChangeOf | { readonly kind: "following" })[];
}

/** More than this is not kept waiting: it is asked for again when the program has come that far. */
const mostWaiting = 500;
const longestPage = 100;

interface ChangeStreamNeeds {
  call: Call;
  feeds: Feeds;
  patience: Patience;
}

export interface ChangeStream {
  /** Tells of a chat from a position on. */
  follow(position: Position): void;
  /** Tells of a chat from here on, and that it does. */
  announce(position: Position): void;
  /** Tells of a chat that the user came into meanwhile: every message since then, and what follows. */
  catchUpSinceJoining(chatId: string): Promise<void>;
  isOpen(): boolean;
  /** Ends the reading; with an error, by throwing it. */
  end(error?: unknown): void;
  read(): AsyncGenerator<Change, void>;
}

/** Changes of any number of chats, in order within each. */
export function createChangeStream({ call, feeds, patience }: ChangeStreamNeeds): ChangeStream {
  const following = new Map<string, Feed>();
  const paused: Position[] = [];
  const waiting: Told[] = [];
  let isEnded = false;
  let failure: { error: unknown } | undefined;
  let wakeUp = () => {};

  const isOpen = () => !isEnded;

  function tell(told: Told): void {
    if (isEnded || told.changes.length === 0) return;
    waiting.push(told);
    if (waiting.length > mostWaiting) pause();
    wakeUp();
  }

  function follow(position: Position): void {
    if (!isEnded && !following.has(position.chat_id))
      following.set(position.chat_id, feeds.follow(position, tell));
  }

  function pause(): void {
    for (const feed of following.values()) {
      paused.push(feed.position());
      feed.end();
    }
    following.clear();
  }

  function end(error?: unknown): void {
    if (isEnded) return;
    isEnded = true;
    // Only what fails is thrown; the event of a signal is none.
    if (error instanceof Error) failure = { error };
    pause();
    wakeUp();
  }

  async function* unpack({ chatId, before, position, changes }: Told): AsyncGenerator<Change, void> {
    for (const [index, change] of changes.entries()) {
      // Only after the last one the whole is dealt with.
      const isLast = index === changes.length - 1 && change.kind !== "resync";
      yield { ...change, chatId, position: isLast ? position : before };
      if (change.kind === "resync") yield* readGap(before, position);
    }
  }

  /** Nothing more is to be told when the stream has ended, or the chat is not the user's any more. */
  function endGap(error: unknown): MessageInfo[] {
    if (isOpen() && !isApiError(error, "chat_not_found")) throw error;
    return [];
  }

  /** What was too much to tell: at least every message that was sent meanwhile, page by page. */
  async function* readGap(before: Position, position: Position): AsyncGenerator<Change, void> {
    const { chat_id: chatId } = position;
    // A server that went back to an older state has another log: there is nothing to go on from.
    for (let seq = before.seq; seq < position.seq && !isEnded;) {
      const input = { params: { chat_id: chatId }, query: { after_seq: seq, limit: longestPage } };
      const page = await patience.insist(() => call("getHistory", input), isOpen).catch(endGap);
      for (const message of page.filter((one) => one.seq <= position.seq)) {
        const isLast = message.seq === position.seq;
        const kind = message.deleted_at === null ? "sent" : "deleted";
        yield {
          kind,
          message,
          chatId,
          position: isLast ? position : { ...before, seq: message.seq },
        };
      }
      seq = page.at(-1)?.seq ?? position.seq;
    }
  }

  function announce(position: Position): void {
    const chatId = position.chat_id;
    tell({ chatId, before: position, position, changes: [{ kind: "following" }] });
    follow(position);
  }

  return {
    follow,
    announce,
    async catchUpSinceJoining(chatId) {
      const input = { params: { chat_id: chatId } };
      try {
        const { read_seq: seq } = await patience.insist(() => call("getSummary", input), isOpen);
        // Whoever joins has read everything up to then. So many messages made at least so many versions: none is left out.
        announce({ chat_id: chatId, seq, version: seq });
      } catch (error) {
        // Out of the chat again, or the stream has ended.
        if (!isFailure(error)) throw error;
      }
    },
    isOpen,
    end,
    async *read() {
      try {
        while (!isEnded) {
          const next = waiting.shift();
          if (next) yield* unpack(next);
          else if (paused.length > 0) for (const position of paused.splice(0)) follow(position);
          else await new Promise<void>((resolve) => (wakeUp = resolve));
        }
        if (failure) throw failure.error;
      } finally {
        end();
      }
    },
  };
}
