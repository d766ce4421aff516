// What is asked of a list of chats, and how one would write it first: a query per chat.
import { readSummaries } from "../server/src/chats/summaries.store.ts";
import type { Database } from "../server/src/database/database.ts";
import { readPage } from "../server/src/messages/messages.store.ts";
import { recordReads } from "../server/src/messages/reads.store.ts";
import type { ChatList } from "./chat-list-data.ts";

export interface Task {
  name: string;
  /** How often it is done, of the number of turns. */
  share: number;
  /** Makes ready what is then measured, which answers with how many rows it was about. */
  prepare(database: Database, list: ChatList): Promise<() => Promise<number>>;
  expected(list: ChatList): number;
  /** Chats to ask for over HTTP too. */
  limit?: number;
}

export function createTasks(pageSize: number, all: number): Task[] {
  return [
    readPages("first page", pageSize),
    readPages("all chats", all),
    readOneByOne("first page, N+1", pageSize),
    readOneByOne("all chats, N+1", all),
    createMarkRead("mark read"),
    commitAlone,
  ];
}

const readPages = (name: string, limit: number): Task => ({
  ...{ name, limit, share: 1, expected: ({ chats }) => Math.min(limit, chats) },
  prepare:
    async (database, { userId }) =>
    async () =>
      (await readSummaries(database, userId, limit)).length,
});

const latestChats = `
select c.*, m.read_seq from members m join chats c on c.id = m.chat_id
where m.user_id = $1 order by c.last_activity_at desc limit $2::int`;
const perChat = {
  ownNewest: "select seq from messages where chat_id = $1 and sender_id = $2 order by seq desc limit 1",
  unread:
    "select count(*) from messages where chat_id = $1 and sender_id <> $2 and seq > $3 and deleted_at is null",
  mentions: "select count(*) from mentions where chat_id = $1 and user_id = $2 and seq > $3",
  peer: `
    select u.* from members m join users u on u.id = m.user_id
    where m.chat_id = $1 and m.user_id <> $2 limit 1`,
};

const readOneByOne = (name: string, limit: number): Task => ({
  ...{ name, share: 0.1, expected: ({ chats }) => Math.min(limit, chats) },
  prepare:
    async (database, { userId }) =>
    async () => {
      const chats = await database.query<{ id: string; type: string; read_seq: number }>(latestChats, [
        userId,
        limit,
      ]);
      for (const { id, type, read_seq } of chats) {
        await readPage(database, id, userId, { kind: "last", seq: 2_147_483_647, limit: 1 });
        await database.query(perChat.ownNewest, [id, userId]);
        for (const count of [perChat.unread, perChat.mentions])
          await database.query(count, [id, userId, read_seq]);
        if (type === "personal") await database.query(perChat.peer, [id, userId]);
      }
      return chats.length;
    },
});

/** Each time the next message of a chat of which nearly everything is unread. */
function createMarkRead(name: string): Task {
  const turns = new Map<ChatList, number>();
  return {
    ...{ name, share: 1, expected: () => 1 },
    async prepare(database, list) {
      const turn = turns.get(list) ?? 0;
      turns.set(list, turn + 1);
      const chatId = list.chatIds[turn % list.chats] ?? "";
      const find = "select id from messages where chat_id = $1 and seq = $2::int";
      const place = [chatId, Math.floor(turn / list.chats) + 1];
      const [message] = await database.query<{ id: string }>(find, place);
      const read = { chatId, userId: list.readerId, messageId: message?.id ?? "" };
      return async () => {
        const results = await recordReads(database, [read]);
        return results.filter(({ outcome }) => outcome === "read").length;
      };
    },
  };
}

const commitAlone: Task = {
  ...{ name: "commit alone", share: 1, expected: () => 1 },
  prepare:
    async (database, { userId }) =>
    async () =>
      (await database.query("update users set last_seen_at = now() where id = $1 returning id", [userId]))
        .length,
};
