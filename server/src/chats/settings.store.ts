// Settings of a chat: columns of the membership.
import type { ChatSettings, ChatSettingsRequest, SavedSettings } from "@windi/protocol";
import type { Queries } from "../database/database.ts";

/** Settings as `settingsColumns` select them. */
export interface SettingsRow {
  is_pinned: boolean;
  muted_until: number | null;
  unread_from: number | null;
}

/** What `toSettings` needs of this row of members. */
export const settingsColumns = (row: string) => `
  ${row}.pinned_at is not null as is_pinned, ${row}.unread_from,
  (extract(epoch from ${row}.muted_until) * 1000)::float8 as muted_until`;

export const toSettings = ({ is_pinned, muted_until, unread_from }: SettingsRow): ChatSettings => ({
  is_pinned,
  muted_until: muted_until === null ? null : new Date(muted_until).toISOString(),
  unread_from,
});

/** What a change of settings is held against. */
export interface SettingsPlace {
  last_seq: number;
  /** Chats that the user has pinned, this one not counted. */
  other_pins: number;
}

const place = `/* settings_place */
select c.last_seq, (
  select count(*)::int from members where user_id = $2 and chat_id <> $1 and pinned_at is not null
) as other_pins
from members m
cross join lateral (select last_seq from chats where id = m.chat_id limit 1) c
where m.chat_id = $1 and m.user_id = $2`;

/** Undefined if the chat is not there for this user. */
export async function findPlace(
  queries: Queries,
  chatId: string,
  userId: string,
): Promise<SettingsPlace | undefined> {
  const [found] = await queries.query<SettingsPlace>(place, [chatId, userId]);
  return found;
}

/** Until the transaction ends nobody else pins a chat for this user. */
export const lockPins = (queries: Queries, userId: string) =>
  queries.query("select pg_advisory_xact_lock(8402, hashtext($1::text))", [userId]);

const change = `/* settings */
update members m set
  pinned_at = case $3::boolean when true then coalesce(m.pinned_at, clock_timestamp()) when false then null else m.pinned_at end,
  muted_until = case when $4::boolean then to_timestamp($5::float8 / 1000) else m.muted_until end,
  unread_from = case when $6::boolean then $7::int else m.unread_from end,
  own_version = m.own_version + 1, own_at = now()
where m.chat_id = $1 and m.user_id = $2
returning m.own_version, ${settingsColumns("m")}`;

/** What is not named stays. Undefined if the chat is not there for this user. */
export async function updateSettings(
  queries: Queries,
  chatId: string,
  userId: string,
  { is_pinned, muted_until, unread_from }: ChatSettingsRequest,
): Promise<SavedSettings | undefined> {
  const mutedUntilMs = typeof muted_until === "string" ? Date.parse(muted_until) : null;
  const [row] = await queries.query<SettingsRow & { own_version: number }>(change, [
    ...[chatId, userId, is_pinned ?? null],
    ...[muted_until !== undefined, mutedUntilMs],
    ...[unread_from !== undefined, unread_from ?? null],
  ]);
  return row && { ...toSettings(row), own_version: row.own_version };
}
