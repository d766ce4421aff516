// One chat's changes from a position on, in order and without gaps: repetitions are left out, holes are asked for.
import { isFailure } from "./api-error.ts";
import type { CatchUp } from "./catch-up.ts";
import { readCaughtUp, type Batch, type ChangeOf, type LiveChange } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { ChatChanges, Position } from "./contract.ts";

/** Changes of different nodes overtake each other: wait this long for a hole to fill by itself. */
const holeMs = 300;
const longestHoleMs = 30_000;
/** What comes beyond a hole is kept up to here; the answer to catching up has the rest. */
const mostHeld = 200;

interface FeedNeeds {
  position: Position;
  catchUp: CatchUp;
  clock: Clock;
  onBatch: (batch: Batch) => void;
}

export interface Feed {
  /** Up to here all changes were told. */
  position(): Position;
  /** Whether the server has said at least once how far the chat is, and all that was told. */
  isConfirmed(): boolean;
  /** A change that was heard live, in whatever order. */
  take(live: LiveChange): void;
  /** The chat is at least here, by hearsay: what lacks may be under way. */
  hint(version: number): void;
  /** The chat is here, says the server at the start of a connection; undefined when it names no such chat. */
  reconcile(position: Position | undefined): void;
  /** Whoever listens knows everything up to here from elsewhere. */
  skipTo(position: Position): void;
  end(): void;
}

export function createFeed({ position: start, catchUp, clock, onBatch }: FeedNeeds): Feed {
  const chatId = start.chat_id;
  const held = new Map<number, LiveChange>();
  let position = start;
  /** The greatest version that is known to exist. */
  let target = start.version;
  let cancelWait: (() => void) | undefined;
  let isAsking = false;
  /** An answer that is on its way may be from before what makes us ask now. */
  let isAskedAgain = false;
  let fruitless = 0;
  let isEnded = false;
  let isConfirmed = false;

  function moveTo(next: Position, changes: readonly ChangeOf[]): void {
    const before = position;
    position = next;
    for (const version of held.keys()) if (version <= position.version) held.delete(version);
    onBatch({ chatId, before, position, changes });
  }

  function drain(): void {
    for (let next = held.get(position.version + 1); next; next = held.get(position.version + 1)) {
      const { change, version } = next;
      const seq = change.kind === "sent" ? Math.max(position.seq, change.message.seq) : position.seq;
      moveTo({ chat_id: chatId, seq, version }, [change]);
    }
  }

  /** Whether something lacks; if so, asks for it when it has not come by itself. */
  function watch(): void {
    if (isEnded || target <= position.version) {
      cancelWait?.();
      cancelWait = undefined;
      fruitless = 0;
    } else if (!isAsking) {
      cancelWait ??= clock.later(Math.min(longestHoleMs, holeMs * 2 ** fruitless), () => void ask());
    }
  }

  async function ask(): Promise<void> {
    cancelWait?.();
    cancelWait = undefined;
    if (isEnded) return;
    if (isAsking) {
      isAskedAgain = true;
      return;
    }
    isAsking = true;
    try {
      const before = position.version;
      const answer = await catchUp(position);
      if (!isEnded) accept(answer);
      fruitless = position.version > before ? 0 : Math.min(fruitless + 1, 10);
    } catch (error) {
      // Without a connection there is nothing to wait for: the next one begins with `reconcile`.
      if (!isFailure(error)) throw error;
      target = position.version;
    } finally {
      isAsking = false;
    }
    if (isAskedAgain) {
      isAskedAgain = false;
      void ask();
    } else watch();
  }

  function accept(answer: ChatChanges): void {
    const wasConfirmed = isConfirmed;
    isConfirmed = true;
    if (answer.outcome === "gone") {
      target = position.version;
      return onBatch({ chatId, before: position, position, changes: [{ kind: "gone" }] });
    }
    const next = { chat_id: chatId, seq: answer.seq, version: answer.version };
    if (answer.outcome === "resync") {
      target = next.version;
      moveTo(next, [{ kind: "resync" }]);
    } else if (next.version > position.version) {
      moveTo(next, readCaughtUp(answer, position));
    } else if (!wasConfirmed) moveTo(position, []);
    drain();
  }

  return {
    position: () => position,
    isConfirmed: () => isConfirmed,
    take(live) {
      if (isEnded || live.version <= position.version) return;
      target = Math.max(target, live.version);
      if (held.size < mostHeld || live.version === position.version + 1) held.set(live.version, live);
      drain();
      watch();
    },
    hint(version) {
      target = Math.max(target, version);
      watch();
    },
    reconcile(known) {
      fruitless = 0;
      if (known?.version === position.version) isConfirmed = true;
      else void ask();
    },
    skipTo(next) {
      position = next;
      for (const version of held.keys()) if (version <= next.version) held.delete(version);
      drain();
      watch();
    },
    end() {
      isEnded = true;
      watch();
    },
  };
}
