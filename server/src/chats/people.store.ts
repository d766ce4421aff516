// Finding people: by the key of their address, or by name among those who share a chat with somebody.
import type { UserInfo } from "@windi/protocol";
import type { Queries } from "../database/database.ts";

/** Memberships that one search looks at, those of the smallest chats first: what a search takes is bounded by it. */
export const mostMemberships = 20_000;

// Each look-up has a limit, which keeps it on its index whatever the planner believes of the tables.
const byName = `/* people */
with mine as materialized (
  select c.id from members m
  cross join lateral (select id, member_count from chats where id = m.chat_id limit 1) c
  where m.user_id = $1 order by c.member_count
), near as materialized (
  select o.user_id from mine
  cross join lateral (select user_id from members where chat_id = mine.id limit ${mostMemberships}) o
  limit ${mostMemberships}
)
select u.id, u.name, u.email
from (select distinct user_id from near where user_id <> $1) p
cross join lateral (select id, name, email from users where id = p.user_id limit 1) u
where u.name ~ all($2::text[])
order by u.name ~ $3 desc, u.name, u.id limit $4::int`;

/** What a name must match. */
export interface NamePattern {
  /** Each of them, somewhere. */
  words: readonly string[];
  /** A name that begins with all that was asked for comes first. */
  whole: string;
}

/** @param pattern regular expressions of PostgreSQL */
export const findByName = (
  queries: Queries,
  userId: string,
  { words, whole }: NamePattern,
  limit: number,
): Promise<UserInfo[]> => queries.query(byName, [userId, [...words], whole, limit]);

/** @param key as `emailKey` makes it */
export const findByAddress = (queries: Queries, userId: string, key: string): Promise<UserInfo[]> =>
  queries.query("/* person */ select id, name, email from users where email_key = $1 and id <> $2 limit 1", [
    key,
    userId,
  ]);
