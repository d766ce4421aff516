// Catching up: of each chat all that a client has missed, or word that it is too much; many clients in one statement.
import type { Position, SyncAnswer } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { databaseFailure } from "../database/failures.ts";
import { createBatches } from "./batches.ts";
import { readGaps, type Gap } from "./sync.store.ts";

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

/** Positions in one statement. */
const maxBatch = 1000;
const maxWaiting = 5000;
/** The least that a request counts for in a batch: what it asks for may be long. */
const leastWeight = 10;

interface SyncNeeds {
  database: Database;
  /** Told of each chat that was asked for. */
  onGap?(outcome: Gap["outcome"]): void;
}

export function createSync({ database, onGap }: SyncNeeds): Sync {
  async function run(requests: readonly Request[]): Promise<SyncAnswer[]> {
    const asked = requests.flatMap(({ userId, positions }, request) =>
      positions.map((position) => ({ ...position, userId, request })),
    );
    try {
      const gaps = await readGaps(database, asked);
      if (onGap) for (const { outcome } of gaps) onGap(outcome);
      let at = 0;
      return requests.map(({ positions }) => toAnswer(gaps.slice(at, (at += positions.length))));
    } catch (error) {
      throw databaseFailure(error) ?? error;
    }
  }

  const batches = createBatches({
    run,
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

function toAnswer(gaps: readonly Gap[]): SyncAnswer {
  const answer: SyncAnswer = { chats: [], deferred: [] };
  for (const gap of gaps) {
    if (gap.outcome === "deferred") answer.deferred.push(gap.chat_id);
    else answer.chats.push(gap);
  }
  return answer;
}
