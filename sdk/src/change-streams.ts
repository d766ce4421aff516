// Streams of changes as programs ask for them: of one chat, or of all, those included that the user comes into.
import type { Call } from "./call.ts";
import { createChangeStream, type Change, type ChangeStream } from "./change-stream.ts";
import type { Position } from "./contract.ts";
import type { Feeds } from "./feeds.ts";
import type { Patience } from "./patience.ts";

export interface ChatChangesOptions {
  /** Where to go on; without it, the changes from now on. */
  from?: Position;
  /** Ends the iteration. */
  signal?: AbortSignal;
}

export interface AllChangesOptions {
  /** Where to go on, chat by chat; without it, the changes from now on. */
  from?: Iterable<Position>;
  /** Ends the iteration. */
  signal?: AbortSignal;
}

interface ChangeStreamsNeeds {
  call: Call;
  feeds: Feeds;
  patience: Patience;
}

export function createChangeStreams({ call, feeds, patience }: ChangeStreamsNeeds) {
  const open = new Set<ChangeStream>();
  const finders = new Set<(position: Position, isJustNow: boolean) => void>();
  let hasSubscribed = false;
  let isEnded = false;

  /** Reads to the end, which is the caller's, the signal's or the client's. */
  async function* read(stream: ChangeStream, signal: AbortSignal | undefined): AsyncGenerator<Change, void> {
    open.add(stream);
    signal?.addEventListener("abort", stream.end);
    if (isEnded || signal?.aborted) stream.end();
    try {
      yield* stream.read();
    } finally {
      signal?.removeEventListener("abort", stream.end);
      open.delete(stream);
    }
  }

  async function begin(stream: ChangeStream, chatId: string): Promise<void> {
    const known = feeds.known(chatId);
    if (known) return stream.announce(known);
    try {
      const input = { params: { chat_id: chatId } };
      const { seq, version } = await patience.insist(() => call("getSummary", input), stream.isOpen);
      stream.announce({ chat_id: chatId, seq, version });
    } catch (error) {
      stream.end(error);
    }
  }

  return {
    async *one(chatId: string, { from, signal }: ChatChangesOptions = {}): AsyncGenerator<Change, void> {
      const stream = createChangeStream({ call, feeds, patience });
      if (from) stream.follow({ ...from, chat_id: chatId });
      else void begin(stream, chatId);
      yield* read(stream, signal);
    },

    async *all({ from, signal }: AllChangesOptions = {}): AsyncGenerator<Change, void> {
      const stream = createChangeStream({ call, feeds, patience });
      const seen = new Set<string>();
      const find = (position: Position, isJustNow: boolean) => {
        if (seen.has(position.chat_id)) return;
        seen.add(position.chat_id);
        // What happened while nobody listened is told, unless it was before the program's first run.
        if (isJustNow || (from === undefined && !hasSubscribed)) stream.announce(position);
        else void stream.catchUpSinceJoining(position.chat_id);
      };
      for (const position of from ?? []) {
        seen.add(position.chat_id);
        stream.follow(position);
      }
      for (const position of feeds.allKnown()) find(position, from === undefined);
      finders.add(find);
      try {
        yield* read(stream, signal);
      } finally {
        finders.delete(find);
      }
    },

    /** A chat that was not known of; `isJustNow`: something happens in it from here on. */
    found(position: Position, isJustNow: boolean): void {
      for (const find of [...finders]) find(position, isJustNow);
    },
    /** All chats that there are were found. */
    subscribed: (): void => void (hasSubscribed = true),
    end(): void {
      isEnded = true;
      for (const stream of open) stream.end();
    },
  };
}

export type ChangeStreams = ReturnType<typeof createChangeStreams>;
