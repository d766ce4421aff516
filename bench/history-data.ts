// Chats with a long history, written by the database itself: messages of 200 bytes by all members in turn, partly read.
import type { Database } from "../server/src/database/database.ts";
import { populate } from "./population.ts";
import { createTexts } from "./texts.ts";

export interface History {
  /** A member of every chat. */
  userId: string;
  token: string;
  /** Length → the chat that has it. */
  chats: ReadonlyMap<number, string>;
}

const members = 50;
const chunk = 20_000;

const insertMessages = `
insert into messages (chat_id, seq, id, sender_id, text, idempotency_key, version, created_at)
select $1::uuid, s, gen_random_uuid(), ($2::uuid[])[s % ${members} + 1], ($3::text[])[s % 100 + 1],
  gen_random_uuid()::text, s, now() - interval '1 second' * ($5::int - s)
from generate_series($4::int, least($4::int + ${chunk - 1}, $5::int)) s`;

/** Somebody read up to every tenth message first, and somebody else a little later. */
const insertMarks = `
insert into read_marks (chat_id, rank, seq, user_id, read_at)
select $1::uuid, rank, s, ($2::uuid[])[(s / 10 + rank) % ${members} + 1], now()
from generate_series(10, $3::int, 10) s, (values (1), (2)) r(rank)`;

export async function createHistory(database: Database, lengths: readonly number[]): Promise<History> {
  const size = { users: members, chats: lengths.length, membersPerChat: members };
  const { users, chats } = await populate(database, size);
  const texts = createTexts(100);
  for (const [place, length] of lengths.entries()) {
    const { id = "", memberIds = [] } = chats[place] ?? {};
    for (let from = 1; from <= length; from += chunk) {
      await database.query(insertMessages, [id, memberIds, texts, from, length]);
    }
    await database.query(insertMarks, [id, memberIds, length]);
    await database.query("update chats set last_seq = $2::int, version = $2::int where id = $1::uuid", [
      id,
      length,
    ]);
  }
  await database.query("analyze messages");
  const [user] = users;
  return {
    userId: user?.id ?? "",
    token: user?.token ?? "",
    chats: new Map(lengths.map((length, place) => [length, chats[place]?.id ?? ""])),
  };
}
