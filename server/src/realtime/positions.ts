// Where the chats of a user are: what a client needs to know what it missed. Many at once cost one statement.
import { setTimeout as wait } from "node:timers/promises";
import type { Position } from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import { databaseFailure } from "../database/failures.ts";
import { createBatches } from "../messages/batches.ts";

export interface Positions {
  /**
   * The chats of the user, the latest activity first.
   * @throws Failure `overloaded`, `unavailable`
   */
  read(userId: string): Promise<Position[]>;
}

const statement = `/* positions */
select m.user_id, c.id as chat_id, c.last_seq as seq, c.version
from unnest($1::uuid[]) u(id)
cross join lateral (select user_id, chat_id from members where user_id = u.id) m
cross join lateral (
  select id, last_seq, version, last_activity_at from chats where id = m.chat_id limit 1
) c
order by c.last_activity_at desc`;

/** Users in one statement: some thousand rows, so that no other statement waits long. */
const maxBatch = 100;
const maxWaiting = 20_000;
/** While people come in a stream; nobody sees so little. */
const pauseMs = 5;

export function createPositions({ database }: { database: Queries }): Positions {
  async function run(userIds: readonly string[]): Promise<Position[][]> {
    try {
      const rows = await database.query<Position & { user_id: string }>(statement, [[...new Set(userIds)]]);
      const byUser = Map.groupBy(rows, (row) => row.user_id);
      return userIds.map((id) =>
        (byUser.get(id) ?? []).map(({ chat_id, seq, version }) => ({ chat_id, seq, version })),
      );
    } catch (error) {
      throw databaseFailure(error) ?? error;
    }
  }
  const batches = createBatches({ run, maxBatch, maxWaiting, pause: () => wait(pauseMs) });
  return { read: (userId) => batches.add(userId) };
}
