// Chats as the list of chats shows them: a page, or one, in one statement.
import type { ChatSummary, Draft, UserInfo } from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import { messageColumns, messageJoins, toMessageInfo, type MessageRow } from "../messages/messages.store.ts";
import { settingsColumns, toSettings, type SettingsRow } from "./settings.store.ts";

/** A place in the list: right after the chat with this id that was last active then. */
export interface Place {
  isPinned: boolean;
  lastActivityAtMs: number;
  chatId: string;
}

interface SummaryRow extends Omit<MessageRow, "seq">, SettingsRow {
  seq: number | null;
  summary_id: string;
  type: "personal" | "group" | "channel";
  title: string | null;
  creator_id: string;
  member_count: number;
  last_seq: number;
  chat_version: number;
  last_activity_at: number;
  read_seq: number;
  deleted_count: number;
  mention_count: number;
  peer_id: string | null;
  peer_name: string;
  peer_email: string;
  own_version: number;
  draft_text: string | null;
  draft_at: number;
}

// Every look-up is made only where its answer is not known beforehand: a chat that is read to its end has nothing
// unread, and a group has no peer. None of them reads more of a chat, the longer or the larger it is: the user's own
// newest message, and those that are deleted, are asked for in the order of the index that has just these.
const summaries = (chosen: string) => `/* summaries */
with chosen as materialized (${chosen})
select c.id as summary_id, c.type, c.title, c.creator_id, c.member_count, c.last_seq, c.version as chat_version,
  (extract(epoch from c.last_activity_at) * 1000)::float8 as last_activity_at,
  r.seq as read_seq, coalesce(d.count, 0) as deleted_count, coalesce(n.count, 0) as mention_count,
  p.id as peer_id, p.name as peer_name, p.email as peer_email,
  w.text as draft_text, (extract(epoch from w.updated_at) * 1000)::float8 as draft_at,
  c.own_version, ${settingsColumns("c")}, ${messageColumns}
from chosen c
left join lateral (
  select seq from messages
  where c.read_seq < c.last_seq and chat_id = c.id and sender_id between $1 and $1 and seq > 0
  order by sender_id desc, seq desc limit 1
) own on true
cross join lateral (select least(greatest(c.read_seq, own.seq), c.unread_from - 1) as seq) r
left join lateral (
  select count(*)::int as count from (
    select from messages
    where r.seq < c.last_seq and chat_id = c.id and seq > r.seq and deleted_at is not null order by seq
  ) gone
) d on true
left join lateral (
  select count(*)::int as count from (
    select from mentions where r.seq < c.last_seq and chat_id = c.id and user_id = $1 and seq > r.seq limit 100
  ) unread
) n on true
left join lateral (
  select u.id, u.name, u.email from members o join users u on u.id = o.user_id
  where c.type = 'personal' and o.chat_id = c.id and o.user_id <> $1 limit 1
) p on true
left join lateral (
  select text, updated_at from drafts where chat_id = c.id and user_id = $1 limit 1
) w on true
left join messages m on m.chat_id = c.id and m.seq = c.last_seq
${messageJoins}
order by c.pinned_at is not null desc, c.last_activity_at desc, c.id desc`;

const mine = `
select c.*, m.read_seq, m.pinned_at, m.muted_until, m.unread_from, m.own_version from members m
cross join lateral (select * from chats where id = m.chat_id limit 1) c
where m.user_id = $1`;
const latest = "order by m.pinned_at is not null desc, c.last_activity_at desc, c.id desc limit $2::int";

const firstPage = summaries(`${mine} ${latest}`);
const nextPage = summaries(`${mine}
  and (m.pinned_at is not null, c.last_activity_at, c.id)
    < ($5::boolean, to_timestamp($3::float8 / 1000)::timestamptz(3), $4::uuid) ${latest}`);
const one = summaries(`${mine} and m.chat_id = $2`);

/** Pinned ones first, then the latest activity. */
export async function readSummaries(
  queries: Queries,
  userId: string,
  limit: number,
  after?: Place,
): Promise<ChatSummary[]> {
  const rows = after
    ? queries.query<SummaryRow>(nextPage, [
        userId,
        limit,
        after.lastActivityAtMs,
        after.chatId,
        after.isPinned,
      ])
    : queries.query<SummaryRow>(firstPage, [userId, limit]);
  return (await rows).map(toSummary);
}

/** Undefined if the chat is not there for this user. */
export async function readSummary(
  queries: Queries,
  userId: string,
  chatId: string,
): Promise<ChatSummary | undefined> {
  const [row] = await queries.query<SummaryRow>(one, [userId, chatId]);
  return row && toSummary(row);
}

function toSummary(row: SummaryRow): ChatSummary {
  const isGroup = row.type !== "personal";
  const peer: UserInfo | null =
    row.peer_id === null ? null : { id: row.peer_id, name: row.peer_name, email: row.peer_email };
  return {
    id: row.summary_id,
    type: isGroup ? "group" : "personal",
    name: (isGroup ? row.title : peer?.name) ?? "",
    group_id: isGroup ? row.summary_id : null,
    creator_id: row.creator_id,
    peer,
    member_count: row.member_count,
    seq: row.last_seq,
    version: row.chat_version,
    last_activity_at: new Date(row.last_activity_at).toISOString(),
    last_message: row.seq === null ? null : toMessageInfo({ ...row, seq: row.seq }),
    read_seq: row.read_seq,
    unread_count: row.last_seq - row.read_seq - row.deleted_count,
    mention_count: row.mention_count,
    own_version: row.own_version,
    settings: toSettings(row),
    draft: toDraft(row),
  };
}

const toDraft = ({ draft_text, draft_at }: SummaryRow): Draft | null =>
  draft_text === null ? null : { text: draft_text, updated_at: new Date(draft_at).toISOString() };
