// Erasing what is in a deleted chat, a slice at a time, so that nobody waits long for one that was large.
import type { Queries } from "../database/database.ts";

/** Rows per statement: on the embedded database everything else waits for each. */
const slice = 2000;

const eraseSlice = (table: "messages" | "mentions" | "read_marks") => `
with gone as (
  delete from ${table} where ctid = any(array(select ctid from ${table} where chat_id = $1 limit ${slice}))
  returning 1
)
select count(*)::int as count from gone`;

const slices = [eraseSlice("messages"), eraseSlice("mentions"), eraseSlice("read_marks")];

const isLeftOver = "member_count = 0 and not exists (select 1 from members where chat_id = chats.id)";

/** Erases a chat that has no members any more, its row last: as long as that is there, the rest is found again. */
export async function eraseChat(queries: Queries, chatId: string): Promise<void> {
  for (const statement of slices) {
    for (;;) {
      const [gone] = await queries.query<{ count: number }>(statement, [chatId]);
      if (!gone || gone.count < slice) break;
    }
  }
  await queries.query(`delete from chats where id = $1 and ${isLeftOver}`, [chatId]);
}

/** Deleted chats that were not erased to the end. Reads all chats. */
export async function findLeftovers(queries: Queries): Promise<string[]> {
  const rows = await queries.query<{ id: string }>(`select id from chats where ${isLeftOver}`);
  return rows.map((row) => row.id);
}
