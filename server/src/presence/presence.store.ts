// What the tables know of presence: who is in the chats that are looked at, who shows themself, who was last seen when.
import type { Queries } from "../database/database.ts";

export interface ProfileRow {
  user_id: string;
  shows_presence: boolean;
  /** Milliseconds since 1970. */
  last_seen_at: number | null;
}

export interface MemberRow extends ProfileRow {
  chat_id: string;
}

const profile = `u.id as user_id, u.shows_presence, (extract(epoch from u.last_seen_at) * 1000)::float8 as last_seen_at`;

const membersOf = `/* presence_members */
select m.chat_id, ${profile}
from unnest($1::uuid[]) c(id) join members m on m.chat_id = c.id join users u on u.id = m.user_id`;

const profilesOf = `/* presence_profiles */ select ${profile} from unnest($1::uuid[]) i(id) join users u on u.id = i.id`;

// Locked in the order of their ids, so that nodes that write the same people do not wait for each other in a circle.
const saveMoments = `/* last_seen */
with input as materialized (
  select * from unnest($1::uuid[], $2::float8[]) as i(id, at)
), locked as materialized (
  select u.id, i.at from users u join input i on i.id = u.id where u.shows_presence order by u.id for no key update of u
)
update users u set last_seen_at = greatest(u.last_seen_at, to_timestamp(l.at / 1000)) from locked l where u.id = l.id`;

export const readMembers = (database: Queries, chatIds: readonly string[]) =>
  database.query<MemberRow>(membersOf, [chatIds]);

export const readProfiles = (database: Queries, userIds: readonly string[]) =>
  database.query<ProfileRow>(profilesOf, [userIds]);

/** A moment before the one that is stored changes nothing, nor does one of a person who does not show presence. */
export async function saveLastSeen(
  database: Queries,
  moments: readonly (readonly [userId: string, atMs: number])[],
): Promise<void> {
  await database.query(saveMoments, [moments.map(([userId]) => userId), moments.map(([, atMs]) => atMs)]);
}
