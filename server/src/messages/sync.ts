// Catching up: of each chat all that a client has missed, or word that it is too much; many clients in few statements.
import { maxChanges, type ChatChanges, type Position, type SyncAnswer } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { databaseFailure } from "../database/failures.ts";
import { createBatches } from "./batches.ts";
import { keyOf, type Gaps, type KnownGap } from "./gaps.ts";
import { readGaps, readPlaces, weighGaps, type Place } from "./sync.store.ts";

export interface Sync {
  /**
   * What happened in these chats after these positions. Of a chat that is named twice the last position counts.
   * @throws Failure `overloaded`, `unavailable`
   */
  catchUp(userId: string, positions: readonly Position[]): Promise<SyncAnswer>;
}

interface Request {
  userId: string;
  positions: readonly Position[];
}

/** What becomes of a chat in an answer; `deferred` does not fit into it. */
type Outcome = ChatChanges["outcome"] | "deferred";

/** A position, where the chat is if it is there for the one who asks, and what they lack if that may be sent. */
interface Asked {
  position: Position;
  place: Place | undefined;
  known?: KnownGap;
}

/** Positions in one batch. */
const maxBatch = 1000;
const maxWaiting = 5000;
/** The least that a request counts for in a batch: what it asks for may be long. */
const leastWeight = 10;
/** How much one answer holds, well below what may wait for a socket. A single chat's changes always fit. */
const maxAnswerBytes = 200 * 1024;

interface SyncNeeds {
  database: Database;
  gaps: Gaps;
  /** Told of each chat that was asked for. */
  onGap?(outcome: Outcome): void;
}

export function createSync({ database, gaps, onGap }: SyncNeeds): Sync {
  /** Weighs before it reads, so that what is not sent is not read either; both only of what is not known. */
  async function answerAll(requests: readonly Request[]): Promise<SyncAnswer[]> {
    gaps.begin();
    const inBatch = new Map<string, KnownGap>();
    const asked = await locate(requests, inBatch);
    const unweighed = [...inBatch.values()].filter(({ weight }) => !weight);
    if (unweighed.length > 0) {
      const weights = await weighGaps(
        database,
        unweighed.map(({ gap }) => gap),
      );
      for (const [place, known] of unweighed.entries()) {
        const weight = weights[place];
        if (weight) known.weight = weight;
      }
    }
    const outcomes = asked.map(decide);
    const unread = new Set(
      asked.flatMap((request, place) =>
        request.flatMap(({ known }, chat) =>
          known && !known.content && outcomes[place]?.[chat] === "changes" ? [known] : [],
        ),
      ),
    );
    if (unread.size > 0) {
      const contents = await readGaps(
        database,
        [...unread].map(({ gap }) => gap),
      );
      for (const [place, known] of [...unread].entries()) {
        const content = contents[place];
        if (content) known.content = content;
      }
    }
    gaps.keep(inBatch.values());
    return asked.map((request, place) => toAnswer(request, outcomes[place] ?? []));
  }

  async function locate(requests: readonly Request[], inBatch: Map<string, KnownGap>): Promise<Asked[][]> {
    const places = await readPlaces(
      database,
      requests.flatMap(({ userId, positions }) => positions.map(({ chat_id }) => ({ userId, chat_id }))),
    );
    const each = places.values();
    return requests.map(({ positions }) =>
      positions.map((position) => {
        const place = each.next().value;
        if (!place || !isBehind(position, place) || isLost(position, place)) return { position, place };
        const gap = { ...position, lastSeq: place.seq, lastVersion: place.version };
        const key = keyOf(gap);
        const known = inBatch.get(key) ?? gaps.find(gap) ?? { gap };
        inBatch.set(key, known);
        return { position, place, known };
      }),
    );
  }

  function toAnswer(request: readonly Asked[], outcomes: readonly Outcome[]): SyncAnswer {
    const answer: SyncAnswer = { chats: [], deferred: [] };
    for (const [chat, { position, place, known }] of request.entries()) {
      const outcome = outcomes[chat] ?? "gone";
      onGap?.(outcome);
      if (outcome === "deferred") answer.deferred.push(position.chat_id);
      else answer.chats.push(describe(position, place, outcome, known));
    }
    return answer;
  }

  const batches = createBatches({
    async run(requests: readonly Request[]): Promise<SyncAnswer[]> {
      try {
        return await answerAll(requests);
      } catch (error) {
        throw databaseFailure(error) ?? error;
      }
    },
    maxBatch,
    maxWaiting,
    weigh: (request: Request) => Math.max(leastWeight, request.positions.length),
  });

  return {
    catchUp(userId, positions) {
      const distinct = new Map(positions.map((position) => [position.chat_id, position]));
      return batches.add({ userId, positions: [...distinct.values()] });
    },
  };
}

const isBehind = (position: Position, place: Place) =>
  place.seq > position.seq || place.version > position.version;

/** Too far behind, or somewhere that the chat never was. */
const isLost = (position: Position, place: Place) =>
  place.seq - position.seq > maxChanges || position.seq > place.seq || position.version > place.version;

function describe(
  { chat_id, version: from }: Position,
  place: Place | undefined,
  outcome: ChatChanges["outcome"],
  known: KnownGap | undefined,
): ChatChanges {
  if (!place || outcome === "gone") return { outcome: "gone", chat_id };
  if (outcome === "resync") return { outcome, chat_id, seq: place.seq, version: place.version };
  // Deleted between.
  if (known && !known.content) return { outcome: "gone", chat_id };
  // What is read is further than where the chat was found, if something came between.
  const { seq, version, infoVersion } = known?.content?.place ?? place;
  const messages = [...(known?.content?.messages ?? [])];
  return { outcome, chat_id, seq, version, messages, is_info_changed: infoVersion > from };
}

/** What does not fit into the answer any more is left for another one. */
function decide(request: readonly Asked[]): Outcome[] {
  let bytes = 0;
  return request.map(({ position, place, known }) => {
    if (!place) return "gone";
    const weight = known?.weight;
    if (isLost(position, place) || weight?.isTooMuch) return "resync";
    if (!weight || weight.bytes === 0) return "changes";
    bytes += weight.bytes;
    return bytes > maxAnswerBytes ? "deferred" : "changes";
  });
}
