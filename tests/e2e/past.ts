// A chat that has been talked in for a while: messages of any day, written into the database by itself.
import { createServerDatabase } from "../../server/src/database/server.ts";
import type { Person } from "../harness.ts";
import type { Chat } from "./stage.ts";

export interface PastMessage {
  by: Person;
  text: string;
  at: Date;
}

const insert = `
insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
select $1::uuid, seq, gen_random_uuid(), sender, text, seq, at::timestamptz
from unnest($2::uuid[], $3::text[], $4::text[]) with ordinality m(sender, text, at, seq)`;

/** Fills an empty chat. Everybody in it has read everything. */
export async function fill(databaseUrl: string, chat: Chat, messages: readonly PastMessage[]): Promise<void> {
  await using database = createServerDatabase({ url: databaseUrl, poolSize: 1 });
  const times = messages.map(({ at }) => at.toISOString());
  const senders = messages.map(({ by }) => by.user.id);
  await database.query(insert, [chat.id, senders, messages.map(({ text }) => text), times]);
  const end = "last_seq = $2::int, version = version + $2::int, last_activity_at = $3::timestamptz";
  await database.query(`update chats set ${end} where id = $1::uuid`, [
    chat.id,
    messages.length,
    times.at(-1),
  ]);
  const read = "read_seq = $2::int, joined_at = $3::timestamptz";
  await database.query(`update members set ${read} where chat_id = $1::uuid`, [
    chat.id,
    messages.length,
    times[0],
  ]);
}

const dayMs = 86_400_000;

/** Noon so many days ago, where the pages are. */
export const noon = (daysAgo: number): Date => {
  const date = new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10);
  return new Date(`${date}T11:00:00Z`);
};

/** One message after the other of a morning long ago, an hour apart. */
export const talk = (by: readonly Person[], texts: readonly string[]): PastMessage[] =>
  texts.map((text, index) => {
    const person = by[Math.floor(index / 3) % by.length];
    if (!person) throw new Error("Nobody talks");
    return { by: person, text, at: new Date(Date.now() - (texts.length - index) * 60_000) };
  });
