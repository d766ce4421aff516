// Changing stored messages: their chats locked, the messages read as they are then, and written with their versions.
import type { MessageInfo } from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import { messageColumns, messageJoins, toMessageInfo, type MessageRow } from "./messages.store.ts";

export interface Target {
  chatId: string;
  userId: string;
  messageId: string;
  /** Ids of the people whom the text is to name, each once, without the sender. */
  mentions: readonly string[];
}

export interface FoundTarget {
  isMember: boolean;
  message: MessageInfo | undefined;
  /** Those of the people named who are members. */
  mentions: string[];
  /** The database's clock. */
  now: string;
}

/**
 * Those chats in which a member changes a message of their own: nobody waits for a change that is refused. In the order
 * of their ids, as the append does, so that none who lock several ever wait for each other.
 */
const lock = `
select id, version from chats where id = any(array(
  select i.chat_id from unnest($1::uuid[], $2::uuid[], $3::uuid[]) i(chat_id, user_id, message_id)
  where (select sender_id from messages where chat_id = i.chat_id and id = i.message_id limit 1) = i.user_id
    and (select true from members where chat_id = i.chat_id and user_id = i.user_id limit 1)
)) order by id for no key update`;

const read = `
with named as materialized (
  select ord, array_agg(user_id order by place) as mentions
  from unnest($4::int[], $5::uuid[], $6::uuid[]) with ordinality as i(ord, chat_id, user_id, place)
  where (select true from members where chat_id = i.chat_id and user_id = i.user_id limit 1)
  group by ord
)
select p.found is not null as is_member, (extract(epoch from clock_timestamp()) * 1000)::float8 as now,
  (select mentions from named where named.ord = i.ord) as named,
  ${messageColumns}
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as i(chat_id, user_id, message_id, ord)
left join lateral (
  select true as found from members where chat_id = i.chat_id and user_id = i.user_id limit 1
) p on true
left join lateral (select * from messages where chat_id = i.chat_id and id = i.message_id limit 1) m on true
${messageJoins}
order by i.ord`;

const write = `/* edit */
with changed as materialized (
  select chat_id, seq, body, version, mentions::uuid[], edited_at::timestamptz, deleted_at::timestamptz
  from unnest($1::uuid[], $2::int[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[])
    as i(chat_id, seq, body, version, mentions, edited_at, deleted_at)
), written as (
  update messages m
  set text = i.body, version = i.version, mentions = i.mentions, edited_at = i.edited_at, deleted_at = i.deleted_at
  from changed i where m.chat_id = i.chat_id and m.seq = i.seq
)
update chats c set version = i.version
from (select chat_id, max(version) as version from changed group by chat_id) i where c.id = i.chat_id`;

const unmention = `
delete from mentions n using unnest($1::uuid[], $2::uuid[], $3::int[]) i(chat_id, user_id, seq)
where n.chat_id = i.chat_id and n.user_id = i.user_id and n.seq = i.seq`;

const mention = `
insert into mentions (chat_id, user_id, seq)
select chat_id, user_id, seq from unnest($1::uuid[], $2::uuid[], $3::int[]) i(chat_id, user_id, seq)`;

/**
 * Nobody writes to the chats of these changes until the transaction ends, but where all changes were to be refused.
 * @returns the version of each that is locked
 */
export async function lockChats(
  transaction: Queries,
  changes: readonly Omit<Target, "mentions">[],
): Promise<Map<string, number>> {
  const rows = await transaction.query<{ id: string; version: number }>(lock, [
    changes.map((change) => change.chatId),
    changes.map((change) => change.userId),
    changes.map((change) => change.messageId),
  ]);
  return new Map(rows.map((row) => [row.id, row.version]));
}

/** What is there of each, in their order. */
export async function readTargets(transaction: Queries, targets: readonly Target[]): Promise<FoundTarget[]> {
  const named = targets.flatMap(({ chatId, mentions }, place) =>
    mentions.map((userId) => ({ ord: place + 1, chatId, userId })),
  );
  const rows = await transaction.query<TargetRow>(read, [
    targets.map((target) => target.chatId),
    targets.map((target) => target.userId),
    targets.map((target) => target.messageId),
    named.map((one) => one.ord),
    named.map((one) => one.chatId),
    named.map((one) => one.userId),
  ]);
  return rows.map((row) => ({
    isMember: row.is_member,
    message: row.seq === null ? undefined : toMessageInfo(row),
    mentions: row.named ?? [],
    now: new Date(row.now).toISOString(),
  }));
}

type TargetRow = (MessageRow | { seq: null }) & { is_member: boolean; now: number; named: string[] | null };

/** Stores messages as they are to be, each once, and the versions of their chats with them. */
export async function writeMessages(
  transaction: Queries,
  changes: readonly { before: MessageInfo; after: MessageInfo }[],
): Promise<void> {
  const after = changes.map((change) => change.after);
  await transaction.query(write, [
    after.map((message) => message.chat_id),
    after.map((message) => message.seq),
    after.map((message) => message.text),
    after.map((message) => message.version),
    after.map((message) => (message.mentions.length === 0 ? null : `{${message.mentions.join(",")}}`)),
    after.map((message) => message.edited_at),
    after.map((message) => message.deleted_at),
  ]);
  const lists = changes.map(({ before, after }) => [before, after] as const);
  await writeMentions(transaction, unmention, lists);
  await writeMentions(
    transaction,
    mention,
    lists.map(([before, after]) => [after, before]),
  );
}

/** Those whom the first of each pair mentions and the second does not. */
async function writeMentions(
  transaction: Queries,
  statement: string,
  pairs: readonly (readonly [MessageInfo, MessageInfo])[],
): Promise<void> {
  const rows = pairs.flatMap(([message, other]) =>
    message.mentions.filter((id) => !other.mentions.includes(id)).map((userId) => ({ message, userId })),
  );
  if (rows.length === 0) return;
  await transaction.query(statement, [
    rows.map((row) => row.message.chat_id),
    rows.map((row) => row.userId),
    rows.map((row) => row.message.seq),
  ]);
}
