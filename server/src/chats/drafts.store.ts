// Messages that are not sent yet: at most one per person and chat.
import type { Draft } from "@windi/protocol";
import type { Queries } from "../database/database.ts";

// The membership is locked, not to be taken away meanwhile: what goes with it is deleted in the same transaction.
const save = `/* draft */
with mine as materialized (
  select chat_id, user_id from members where chat_id = $1 and user_id = $2 for key share
), saved as (
  insert into drafts (chat_id, user_id, text, updated_at)
  select chat_id, user_id, $3::text, clock_timestamp() from mine where $3::text <> ''
  on conflict (chat_id, user_id) do update set text = excluded.text, updated_at = clock_timestamp()
  returning updated_at
), gone as (
  delete from drafts using mine
  where $3::text = '' and drafts.chat_id = mine.chat_id and drafts.user_id = mine.user_id
)
select (extract(epoch from s.updated_at) * 1000)::float8 as updated_at from mine left join saved s on true`;

/** Null if there is no draft any more; undefined if the chat is not there for this user. */
export async function saveDraft(
  queries: Queries,
  chatId: string,
  userId: string,
  text: string,
): Promise<Draft | null | undefined> {
  const [row] = await queries.query<{ updated_at: number | null }>(save, [chatId, userId, text]);
  if (!row) return undefined;
  return row.updated_at === null ? null : { text, updated_at: new Date(row.updated_at).toISOString() };
}

const erase = "delete from drafts where chat_id = $1 and user_id = any($2::uuid[])";

/** Of people who were just taken out of the chat; by a statement of its own, which sees what came before the lock. */
export const eraseDrafts = (queries: Queries, chatId: string, userIds: readonly string[]) =>
  queries.query(erase, [chatId, [...userIds]]);
