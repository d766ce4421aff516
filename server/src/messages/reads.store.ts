// Read pointers: moving them, and the marks from which "has anyone else read it, and when first" follows.
import type { Database, Queries } from "../database/database.ts";
import { advance, type Frontier, type Mark } from "./frontier.ts";

export interface Read {
  chatId: string;
  userId: string;
  messageId: string;
}

/** What became of a read: the user's pointer is at or beyond the message now. */
export interface PassedMessage {
  /** Of the message. */
  seq: number;
  /** When the pointer last moved. */
  readAtMs: number;
  /** Whether this read is what moved the pointer past the message. */
  hasMoved: boolean;
  /** Whether others may see something new of a message: that it is read, or since when. */
  isNews: boolean;
  /** Whether the chat was marked as unread, and is not any more. */
  isUnmarked: boolean;
  /** Which of the user's own changes of the chat this was, or was the last one before. */
  ownVersion: number;
}

export type ReadResult =
  | ({ outcome: "read" } & PassedMessage)
  | { outcome: "not_a_member" }
  | { outcome: "no_such_message" };

interface MoveRow {
  ord: number;
  is_member: boolean;
  seq: number | null;
  moved: boolean;
  unmarked: boolean;
  /** The pointer was changed, or its member taken out, between the statement's snapshot and its update. */
  is_overtaken: boolean;
  read_at: number;
  own_version: number | null;
}

// What is marked as unread from a message on is not any more when that is read, wherever the pointer is.
const movePointers = `/* read_pointers */
with input as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as i(chat_id, user_id, message_id, ord)
), found as materialized (
  select i.*, p.read_at, p.read_seq, p.unread_from, p.own_version, p.found is not null as is_member, m.seq
  from input i
  left join lateral (
    select true as found, read_seq, read_at, unread_from, own_version from members where chat_id = i.chat_id and user_id = i.user_id limit 1
  ) p on true
  left join lateral (select seq from messages where chat_id = i.chat_id and id = i.message_id limit 1) m on p.found
), target as materialized (
  select chat_id, user_id, max(seq) as seq from found where seq is not null group by chat_id, user_id
  order by chat_id, user_id
), moved as (
  update members m set read_seq = greatest(m.read_seq, t.seq),
    read_at = case when m.read_seq < t.seq then statement_timestamp() else m.read_at end,
    unread_from = case when m.unread_from > t.seq then m.unread_from end,
    own_version = m.own_version + 1, own_at = statement_timestamp()
  from target t where m.chat_id = t.chat_id and m.user_id = t.user_id
    and (m.read_seq < t.seq or m.unread_from <= t.seq)
  returning m.chat_id, m.user_id, m.read_at, m.own_version, m.read_seq <= t.seq as is_target
)
select f.ord::int, f.is_member, f.seq,
  coalesce(v.is_target and f.seq > f.read_seq, false) as moved,
  coalesce(v.user_id is not null and f.seq >= f.unread_from, false) as unmarked,
  coalesce(v.own_version, f.own_version) as own_version,
  coalesce(v.user_id is null and f.seq > f.read_seq, false) as is_overtaken,
  (extract(epoch from coalesce(v.read_at, f.read_at, now())) * 1000)::float8 as read_at
from found f left join moved v on v.chat_id = f.chat_id and v.user_id = f.user_id order by f.ord`;

const readFrontiers = `
select c.id as chat_id, r.rank::int, m.seq, m.user_id
from unnest($1::uuid[]) c(id)
cross join (values (1), (2)) r(rank)
cross join lateral (
  select seq, user_id from read_marks where chat_id = c.id and rank = r.rank order by seq desc limit 1
) m`;

/** Locks of their own, so that readers never wait for writers; in one order, so that they never wait for each other. */
const lockFrontiers = `
select pg_advisory_xact_lock(8401, key) from (
  select distinct hashtext(id::text) as key from unnest($1::uuid[]) c(id) order by 1
) k`;

const addMarks = `/* read_marks */
insert into read_marks (chat_id, rank, seq, user_id, read_at)
select chat_id, rank, seq, user_id, to_timestamp(at / 1000)
from unnest($1::uuid[], $2::smallint[], $3::int[], $4::uuid[], $5::float8[]) i(chat_id, rank, seq, user_id, at)
on conflict do nothing`;

/** Moves the pointers of a batch in one transaction; a pointer never moves back. */
export function recordReads(database: Database, reads: readonly Read[]): Promise<ReadResult[]> {
  const parameters = [
    reads.map((read) => read.chatId),
    reads.map((read) => read.userId),
    reads.map((read) => read.messageId),
  ];
  return database.begin(async (transaction) => {
    const moves: Move[] = [];
    const unmarkedAt = new Set<number>();
    for (;;) {
      const rows = await transaction.query<MoveRow>(movePointers, parameters);
      rows.forEach(({ moved, unmarked, seq, read_at }, place) => {
        if (unmarked) unmarkedAt.add(place);
        const { chatId, userId } = reads[place] as Read;
        if (moved && seq !== null) moves.push({ place, chatId, userId, seq, readAtMs: read_at });
      });
      // Once more sees what overtook it: a pointer that is further, or nobody.
      if (rows.some((row) => row.is_overtaken)) continue;
      const news = moves.length > 0 ? await markFirstReaders(transaction, moves) : [];
      const [hasMoved, isNews] = [placesOf(moves), placesOf(news)];
      return rows.map((row, place) => {
        const was = { hasMoved: hasMoved.has(place), isNews: isNews.has(place) };
        return toResult(row, { ...was, isUnmarked: unmarkedAt.has(place) });
      });
    }
  });
}

interface Move extends Mark {
  chatId: string;
  /** Of the read in its batch. */
  place: number;
}

/** @returns the marks that were added */
async function markFirstReaders(transaction: Queries, moves: readonly Move[]) {
  const chatIds = [...new Set(moves.map((move) => move.chatId))];
  // Most moves in a large group come after two others: the marks say so without a lock.
  if (newMarks(await frontiersOf(transaction, chatIds), moves).length === 0) return [];
  await transaction.query(lockFrontiers, [chatIds]);
  const marks = newMarks(await frontiersOf(transaction, chatIds), moves);
  await transaction.query(addMarks, [
    marks.map((mark) => mark.chatId),
    marks.map((mark) => mark.rank),
    marks.map((mark) => mark.seq),
    marks.map((mark) => mark.userId),
    marks.map((mark) => mark.readAtMs),
  ]);
  return marks;
}

async function frontiersOf(transaction: Queries, chatIds: readonly string[]): Promise<Map<string, Frontier>> {
  const rows = await transaction.query<{
    chat_id: string;
    rank: 1 | 2;
    seq: number;
    user_id: string;
  }>(readFrontiers, [chatIds]);
  const frontiers = new Map<string, Frontier>(chatIds.map((id) => [id, {}]));
  for (const row of rows) {
    const frontier = frontiers.get(row.chat_id);
    if (!frontier) continue;
    if (row.rank === 1) frontier.first = { seq: row.seq, userId: row.user_id };
    else frontier.second = row.seq;
  }
  return frontiers;
}

function newMarks(frontiers: Map<string, Frontier>, moves: readonly Move[]) {
  return moves.flatMap((move) => {
    const { frontier, marks } = advance(frontiers.get(move.chatId) ?? {}, move);
    frontiers.set(move.chatId, frontier);
    return marks.map((mark) => ({ ...mark, chatId: move.chatId, place: move.place }));
  });
}

const placesOf = (reads: readonly { place: number }[]) => new Set(reads.map((read) => read.place));

function toResult(row: MoveRow, was: Pick<PassedMessage, "hasMoved" | "isNews" | "isUnmarked">): ReadResult {
  if (!row.is_member) return { outcome: "not_a_member" };
  if (row.seq === null) return { outcome: "no_such_message" };
  return { outcome: "read", seq: row.seq, readAtMs: row.read_at, ownVersion: row.own_version ?? 0, ...was };
}
