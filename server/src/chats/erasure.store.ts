// Erasing what is in a deleted chat, a slice at a time, so that nobody waits long for one that was large.
import type { Queries } from "../database/database.ts";

/** Messages per statement: on the embedded database everything else waits for each. */
const slice = 2000;

// By their places in the log: what the slices before have deleted is not looked at again.
const within = `seq > $2::int and seq <= $2::int + ${slice}`;
const eraseSlice = `
with messages_gone as (delete from messages where chat_id = $1 and ${within}),
  marks_gone as (delete from read_marks where chat_id = $1 and rank in (1, 2) and ${within})
select last_seq from chats where id = $1`;

const isLeftOver = "member_count = 0 and not exists (select 1 from members where chat_id = chats.id)";

/** Erases a chat that has no members any more, its row last: as long as that is there, the rest is found again. */
export async function eraseChat(queries: Queries, chatId: string): Promise<void> {
  for (let from = 0; ; from += slice) {
    const [chat] = await queries.query<{ last_seq: number }>(eraseSlice, [chatId, from]);
    if (!chat || from + slice >= chat.last_seq) break;
  }
  // Mentions go with it: they are few.
  await queries.query(`delete from chats where id = $1 and ${isLeftOver}`, [chatId]);
}

/** Deleted chats that were not erased to the end. */
export async function findLeftovers(queries: Queries): Promise<string[]> {
  const rows = await queries.query<{ id: string }>(`select id from chats where ${isLeftOver}`);
  return rows.map((row) => row.id);
}
