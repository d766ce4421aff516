// Whether what a token says is still so: for many tokens in one statement.
import type { UserInfo } from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import type { Access } from "./tokens.ts";

// One look-up by key for each, whatever the planner believes of the lengths of the lists.
const statement = `/* users */
select i.place::int as place, u.id, u.name, u.email
from unnest($1::uuid[], $2::int[], $3::uuid[]) with ordinality i(user_id, version, session_id, place)
cross join lateral (
  select id, name, email from users where id = i.user_id and password_version = i.version limit 1
) u
left join lateral (
  select 1 as is_alive from sessions s
  where s.id = i.session_id and s.user_id = i.user_id and s.ended_at is null and s.ends_at > now() limit 1
) s on true
where i.session_id is null or s.is_alive = 1`;

/** In their order, the user of each whose account, password and session are what they were; else undefined. */
export async function findCallers(
  queries: Queries,
  all: readonly Access[],
): Promise<(UserInfo | undefined)[]> {
  const rows = await queries.query<UserInfo & { place: number }>(statement, [
    all.map((one) => one.userId),
    all.map((one) => one.passwordVersion),
    all.map((one) => one.sessionId ?? null),
  ]);
  const users = all.map((): UserInfo | undefined => undefined);
  for (const { place, ...user } of rows) users[place - 1] = user;
  return users;
}
