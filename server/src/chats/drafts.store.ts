// Messages that are not sent yet: at most one per person and chat.
import type { SavedDraft } from "@windi/protocol";
import type { Queries } from "../database/database.ts";

// Locks the membership, not to be taken away meanwhile: what goes with it is deleted in the same transaction. Of two
// drafts that come at once, the one with the greater count is so the one that stays.
const count = `/* draft_count */
update members set own_version = own_version + 1, own_at = now()
where chat_id = $1 and user_id = $2 returning own_version`;

const put = `/* draft */
insert into drafts (chat_id, user_id, text, updated_at) values ($1, $2, $3, clock_timestamp())
on conflict (chat_id, user_id) do update set text = excluded.text, updated_at = excluded.updated_at
returning (extract(epoch from updated_at) * 1000)::float8 as updated_at`;

const remove = "/* draft_end */ delete from drafts where chat_id = $1 and user_id = $2";

/** Undefined if the chat is not there for this user. @param transaction of whose statements the second sees what the first waited for */
export async function saveDraft(
  transaction: Queries,
  chatId: string,
  userId: string,
  text: string,
): Promise<SavedDraft | undefined> {
  const [counted] = await transaction.query<{ own_version: number }>(count, [chatId, userId]);
  if (!counted) return undefined;
  if (text === "") {
    await transaction.query(remove, [chatId, userId]);
    return { draft: null, ...counted };
  }
  const [saved] = await transaction.query<{ updated_at: number }>(put, [chatId, userId, text]);
  return saved && { draft: { text, updated_at: new Date(saved.updated_at).toISOString() }, ...counted };
}

const erase = "delete from drafts where chat_id = $1 and user_id = any($2::uuid[])";

/** Of people who were just taken out of the chat; by a statement of its own, which sees what came before the lock. */
export const eraseDrafts = (queries: Queries, chatId: string, userIds: readonly string[]) =>
  queries.query(erase, [chatId, [...userIds]]);
