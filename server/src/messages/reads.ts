// Reading: gathers concurrent moves of read pointers and tells of each.
import type { Database } from "../database/database.ts";
import { databaseFailure, isConflict } from "../database/failures.ts";
import { Failure } from "../failure.ts";
import { createBatches } from "./batches.ts";
import { recordReads, type PassedMessage, type Read, type ReadResult } from "./reads.store.ts";

export interface Reads {
  /**
   * Moves the user's pointer to this message, if it is not beyond it.
   * @throws Failure `chat_not_found`, `message_not_found`, `overloaded`, `unavailable`, `storage_full`
   */
  read(read: Read): Promise<PassedMessage>;
}

const maxAttempts = 3;

interface ReadsNeeds {
  database: Database;
  onBatch?(size: number): void;
}

export function createReads({ database, onBatch = () => {} }: ReadsNeeds): Reads {
  async function run(reads: readonly Read[]): Promise<ReadResult[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await recordReads(database, reads);
      } catch (error) {
        if (isConflict(error) && attempt < maxAttempts) continue;
        throw databaseFailure(error) ?? error;
      }
    }
  }

  const batches = createBatches({ run, maxBatch: 500, maxWaiting: 10_000, onBatch });

  return {
    async read(read) {
      const result = await batches.add(read);
      if (result.outcome === "not_a_member") throw new Failure("chat_not_found");
      if (result.outcome === "no_such_message") throw new Failure("message_not_found");
      const { outcome: _, ...passed } = result;
      return passed;
    },
  };
}
