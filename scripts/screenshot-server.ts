// A server in which a story has happened: the same people, ids and times in each run.
import { join } from "node:path";
import { insertUser } from "../server/src/accounts/accounts.store.ts";
import { createPasswords } from "../server/src/accounts/passwords.ts";
import { insertGroup, insertPersonalChat } from "../server/src/chats/members.store.ts";
import { openEmbeddedDatabase } from "../server/src/database/embedded.ts";
import { prepareEmbedded, signIn, startServer, temporaryDirectory, type Person } from "../tests/harness.ts";
import type { Story, StoryChat } from "./screenshot-story.ts";

/** When the pictures are taken, as the page believes. */
export const now = new Date("2026-05-21T13:15:00Z");
const password = "correct horse";
const zoneHours = 2;

const numbered = (kind: string, n: number) =>
  `019b0e5c-${kind}-7000-8000-${String(n * 7919 + 11).padStart(12, "0")}`;
/** Of the story's chats, by their place in it. */
export const chatId = (n: number) => numbered("c4a7", n);
const messageId = (chat: number, n: number) => numbered("3e55", chat * 100 + n);

function timeOf({ daysAgo, time }: { daysAgo: number; time: string }): string {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const date = new Date(now);
  date.setUTCDate(date.getUTCDate() - daysAgo);
  date.setUTCHours(hours - zoneHours, minutes, 0, 0);
  return date.toISOString();
}

const insertLines = `
insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
select $1::uuid, seq, id, sender, text, seq, at::timestamptz
from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) with ordinality m(id, sender, text, at, seq)`;

/** Starts the server; answers with the viewer and everybody else. */
export async function startStory(story: Story, webDirectory: string) {
  const dataDir = temporaryDirectory();
  await prepareEmbedded(dataDir);
  const users = story.people.map((name, n) => ({
    id: numbered("a11c", n),
    name,
    email: `person${n}@example.org`,
  }));
  const idOf = (n: number) => users[n]?.id ?? "";
  {
    await using database = await openEmbeddedDatabase(join(dataDir, "database"));
    await database.migrate();
    const passwordHash = await createPasswords().hash(password);
    for (const user of users) await insertUser(database.orm, { ...user, passwordHash });
    for (const [n, chat] of story.chats.entries()) {
      const { title, lines } = chat;
      const [viewer = 0, other = 0] = chat.members;
      if (title === undefined) await insertPersonalChat(database, chatId(n), idOf(viewer), idOf(other));
      else await insertGroup(database, chatId(n), title, idOf(viewer), chat.members.map(idOf));
      const times = lines.map(timeOf);
      const ids = lines.map((_, at) => messageId(n, at));
      const said = [ids, lines.map(({ by }) => idOf(by)), lines.map(({ text }) => text), times];
      await database.query(insertLines, [chatId(n), ...said]);
      const begun = times[0] ?? timeOf({ daysAgo: 20, time: "12:00" });
      const end = "last_seq = $2::int, version = version + $2::int, last_activity_at = $3::timestamptz";
      await database.query(`update chats set ${end} where id = $1::uuid`, [
        chatId(n),
        lines.length,
        times.at(-1) ?? begun,
      ]);
      await database.query("update members set joined_at = $2::timestamptz where chat_id = $1::uuid", [
        chatId(n),
        begun,
      ]);
    }
  }
  const server = await startServer({ environment: { DATA_DIR: dataDir }, webDirectory });
  const people = await Promise.all(users.map((user) => signIn(server.url, user, password)));
  for (const [n, chat] of story.chats.entries()) await readAndSet(people, n, chat);
  const [viewer] = people as [Person];
  return { server, viewer };
}

async function readAndSet(people: readonly Person[], n: number, chat: StoryChat): Promise<void> {
  const { unread = 0, unseen = 0, settings, draft, lines } = chat;
  for (const member of chat.members) {
    const person = people[member];
    const end = lines.length - (member === 0 ? unread : unseen);
    if (!person || end === 0) continue;
    const socket = await person.connect(chatId(n));
    await socket.request({ action: "message_read", chat_id: chatId(n), message_id: messageId(n, end - 1) });
    // The others stay: when they left would be told by the time of this machine.
    if (member === 0) socket.close();
  }
  const [viewer] = people as [Person];
  const muted_until = settings?.muted ? "2126-01-01T00:00:00.000Z" : null;
  if (settings) {
    const change = { is_pinned: settings.pinned ?? false, muted_until };
    await viewer.call("PATCH", `/chats/${chatId(n)}/settings`, change);
  }
  if (draft !== undefined) await viewer.call("PUT", `/chats/${chatId(n)}/draft`, { text: draft });
}
