// The list of chats, page by page, and how a chat looks to those who have just come into it.
import { Id, type ChatPage, type ChatSummary, type SummariesQuery, type UserInfo } from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import { Failure } from "../failure.ts";
import { readSummaries, type Place } from "./summaries.store.ts";

/**
 * Whoever follows the cursors to the end sees each chat that did not move meanwhile exactly once: by activity a chat
 * moves only upwards, to before the place where the reader is. One that is unpinned meanwhile may be seen twice.
 * @throws Failure `invalid_request` for a cursor that is none
 */
export async function pageOfSummaries(
  queries: Queries,
  userId: string,
  { limit, cursor }: SummariesQuery,
): Promise<ChatPage> {
  const after = cursor === undefined ? undefined : fromCursor(cursor);
  // One more than asked for tells whether there is a next page.
  const chats = await readSummaries(queries, userId, limit + 1, after);
  const isLast = chats.length <= limit;
  const page = chats.slice(0, limit);
  const last = page.at(-1);
  return { chats: page, next_cursor: isLast || !last ? null : toCursor(last) };
}

const toCursor = ({ id, last_activity_at, settings }: ChatSummary) =>
  Buffer.from(`${settings.is_pinned ? "pinned " : ""}${Date.parse(last_activity_at)} ${id}`).toString(
    "base64url",
  );

function fromCursor(cursor: string): Place {
  const [, pinned, at, id] =
    /^(pinned )?(\d{1,15}) (\S+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const chatId = Id.safeParse(id);
  if (at === undefined || !chatId.success) {
    const msg = "Must be the next_cursor of a page";
    throw new Failure("invalid_request", { fields: [{ loc: ["query", "cursor"], msg, type: "custom" }] });
  }
  return { isPinned: pinned !== undefined, lastActivityAtMs: Number(at), chatId: chatId.data };
}

interface NewChat {
  id: string;
  creatorId: string;
  madeAtMs: number;
}

export const newGroupSummary = (chat: NewChat, title: string, memberCount: number): ChatSummary => ({
  ...newSummary(chat),
  type: "group",
  name: title,
  group_id: chat.id,
  peer: null,
  member_count: memberCount,
});

/** @param peer the person whom the chat is with, seen from the other one */
export const newPersonalSummary = (chat: NewChat, peer: UserInfo): ChatSummary => ({
  ...newSummary(chat),
  type: "personal",
  name: peer.name,
  group_id: null,
  peer,
  member_count: 2,
});

const newSummary = ({ id, creatorId, madeAtMs }: NewChat) => ({
  id,
  creator_id: creatorId,
  seq: 0,
  version: 0,
  last_activity_at: new Date(madeAtMs).toISOString(),
  last_message: null,
  read_seq: 0,
  unread_count: 0,
  mention_count: 0,
  own_version: 0,
  settings: { is_pinned: false, muted_until: null, unread_from: null },
  draft: null,
});
