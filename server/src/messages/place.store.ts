// Where a moment is in a chat's log.
import type { Queries } from "../database/database.ts";

// Times never go back along the log, since the append takes the later of the clock and the chat's last activity. So
// halving the range finds the first message in as many look-ups as the number of messages has binary digits.
const place = `/* place */
with recursive halves(low, high) as (
  select 1, c.last_seq + 1 from members m
  cross join lateral (select last_seq from chats where id = m.chat_id limit 1) c
  where m.chat_id = $1 and m.user_id = $2
  union all
  select case when p.is_before then h.middle + 1 else h.low end, case when p.is_before then h.high else h.middle end
  from (select low, high, low + (high - low) / 2 as middle from halves where low < high) h
  cross join lateral (
    select created_at < to_timestamp($3::float8 / 1000) as is_before from messages
    where chat_id = $1 and seq = h.middle limit 1
  ) p
)
select h.low as seq, c.last_seq from halves h
cross join lateral (select last_seq from chats where id = $1 limit 1) c
where h.low = h.high`;

/** The seq of the first message at or after a moment, null if all are before; undefined if the chat is not there for this user. */
export async function findPlaceAt(
  queries: Queries,
  chatId: string,
  userId: string,
  atMs: number,
): Promise<number | null | undefined> {
  const [found] = await queries.query<{ seq: number; last_seq: number }>(place, [chatId, userId, atMs]);
  if (!found) return undefined;
  return found.seq > found.last_seq ? null : found.seq;
}
