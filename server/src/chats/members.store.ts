// Changing chats and who is in them: each change is one statement, which also moves the chat's counters.
import type { Queries } from "../database/database.ts";
import { eraseDrafts } from "./drafts.store.ts";

export interface LockedGroup {
  title: string;
  creator_id: string;
}

/** Where a change has left the chat. */
export interface ChangedChat {
  version: number;
  member_count: number;
}

/** A change of the membership, and whom it concerned. */
export interface ChangedMembers extends ChangedChat {
  userIds: string[];
}

const pairKey = (one: string, other: string) => [one, other].toSorted().join(" ");

// Told in milliseconds; there is no row if these two have a personal chat already.
const newPersonalChat = `
with chat as (
  insert into chats (id, type, creator_id, pair_key, member_count) values ($1, 'personal', $2, $4, 2)
  on conflict do nothing returning id, creator_id, last_activity_at
), joined as (
  insert into members (chat_id, user_id, role)
  select c.id, p.id, case when p.id = c.creator_id then 'creator' else 'member' end
  from chat c, unnest(array[$2::uuid, $3::uuid]) p(id)
)
select (extract(epoch from last_activity_at) * 1000)::float8 as made_at from chat`;

/** @returns when, in milliseconds since 1970; undefined if there is one already, however close the other request was */
export async function insertPersonalChat(
  queries: Queries,
  id: string,
  creatorId: string,
  otherId: string,
): Promise<number | undefined> {
  const parameters = [id, creatorId, otherId, pairKey(creatorId, otherId)];
  const [chat] = await queries.query<{ made_at: number }>(newPersonalChat, parameters);
  return chat?.made_at;
}

const newGroup = `
with chat as (
  insert into chats (id, type, title, creator_id, member_count)
  values ($1, 'group', $2, $3, (select count(distinct p.id)::int from unnest($4::uuid[]) p(id)))
  returning id, creator_id, last_activity_at
), joined as (
  insert into members (chat_id, user_id, role)
  select distinct c.id, p.id, case when p.id = c.creator_id then 'creator' else 'member' end
  from chat c, unnest($4::uuid[]) p(id)
)
select (extract(epoch from last_activity_at) * 1000)::float8 as made_at from chat`;

/** @returns when, in milliseconds since 1970 */
export async function insertGroup(
  queries: Queries,
  id: string,
  title: string,
  creatorId: string,
  memberIds: readonly string[],
): Promise<number> {
  const parameters = [id, title, creatorId, [...memberIds]];
  const [chat] = await queries.query<{ made_at: number }>(newGroup, parameters);
  return chat?.made_at ?? 0;
}

// Without members a group is being deleted: it is there for nobody, and a lock that waited for that finds nothing.
const lock = `
select title, creator_id from chats
where id = $1 and type = 'group' and member_count > 0 for no key update`;

/**
 * The group's row, locked until the transaction ends: no message is committed meanwhile. The key stays, so that
 * whoever refers to the row, as a reader's marks do, need not wait.
 */
export async function lockGroup(queries: Queries, groupId: string): Promise<LockedGroup | undefined> {
  const [group] = await queries.query<LockedGroup>(lock, [groupId]);
  return group;
}

const rename = `
update chats set title = $2, version = version + 1, info_version = version + 1
where id = $1 and title is distinct from $2 returning version, member_count`;

/** Undefined if that is its title already. */
export async function renameChat(
  queries: Queries,
  chatId: string,
  title: string,
): Promise<ChangedChat | undefined> {
  const [chat] = await queries.query<ChangedChat>(rename, [chatId, title]);
  return chat;
}

// A send that waits for this chat's lock sees by members_version that people came or went, and checks again.
const countMembers = (change: "+" | "-") => `
update chats set version = version + 1, info_version = version + 1, members_version = members_version + 1,
  member_count = member_count ${change} c.count
from (select count(*)::int as count from changed) c where id = $1 and c.count > 0
returning version, member_count`;

// Who joins has nothing unread: the chat begins here for them.
const addMembers = `
with changed as (
  insert into members (chat_id, user_id, role, version, read_seq)
  select c.id, p.id, 'member', c.version + 1, c.last_seq
  from chats c, (select distinct id from unnest($2::uuid[]) p(id)) p where c.id = $1
  on conflict do nothing returning user_id
), chat as (${countMembers("+")})
select changed.user_id, chat.version, chat.member_count from changed, chat`;

/** Adds whom is not a member yet; undefined if all are. The chat is locked. */
export const insertMembers = (queries: Queries, chatId: string, userIds: readonly string[]) =>
  changeMembers(queries, addMembers, [chatId, [...userIds]]);

// Locked in the order of their ids, as readers' pointers are moved, so that they do not wait for each other in a circle.
const removeMembers = (whom: string) => `
with locked as materialized (
  select user_id from members where chat_id = $1${whom} order by user_id for update
), changed as (
  delete from members where chat_id = $1 and user_id in (select user_id from locked) returning user_id
), chat as (${countMembers("-")})
select changed.user_id, chat.version, chat.member_count from changed, chat`;

const removeSome = removeMembers(" and user_id = any($2::uuid[])");
const removeAll = removeMembers("");

/** Takes out whom is a member; undefined if nobody is. The chat is locked. */
export const deleteMembers = (queries: Queries, chatId: string, userIds: readonly string[]) =>
  takeOut(queries, removeSome, [chatId, [...userIds]]);

/** Takes the locked chat away from everyone. What is in it is erased later; nobody sees it any more. */
export const deleteAllMembers = (queries: Queries, chatId: string) => takeOut(queries, removeAll, [chatId]);

async function takeOut(
  queries: Queries,
  statement: string,
  parameters: readonly [chatId: string, ...more: unknown[]],
): Promise<ChangedMembers | undefined> {
  const gone = await changeMembers(queries, statement, parameters);
  if (gone) await eraseDrafts(queries, parameters[0], gone.userIds);
  return gone;
}

async function changeMembers(
  queries: Queries,
  statement: string,
  parameters: readonly unknown[],
): Promise<ChangedMembers | undefined> {
  const rows = await queries.query<ChangedChat & { user_id: string }>(statement, parameters);
  const [first] = rows;
  if (!first) return undefined;
  const { version, member_count } = first;
  return { version, member_count, userIds: rows.map((row) => row.user_id) };
}
