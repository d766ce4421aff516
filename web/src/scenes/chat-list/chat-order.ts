// Which chats the list shows, in which order: folders, the filter, and an order that waits while a pointer aims.
import type { ChatSummary } from "@windi/sdk";
import { matchScore } from "../switcher/rank.ts";

export const folders = ["all", "personal", "groups", "unread"] as const;
export type Folder = (typeof folders)[number];

/** Something is unread there, or it is marked so. */
export const isUnread = ({ unread_count, settings }: ChatSummary): boolean =>
  unread_count > 0 || settings.unread_from !== null;

export const isMuted = ({ settings }: ChatSummary, now: number): boolean =>
  settings.muted_until !== null && Date.parse(settings.muted_until) > now;

/** @param keptId the chat that is open stays among the unread ones while it is read */
export function isInFolder(chat: ChatSummary, folder: Folder, keptId?: string): boolean {
  if (folder === "personal") return chat.type === "personal";
  if (folder === "groups") return chat.type === "group";
  return folder === "all" || isUnread(chat) || chat.id === keptId;
}

/** Of each folder, how many of its chats are unread; muted ones do not call. */
export function countUnread(chats: readonly ChatSummary[], now: number): Record<Folder, number> {
  const counts = { all: 0, personal: 0, groups: 0, unread: 0 };
  for (const chat of chats) {
    if (!isUnread(chat) || isMuted(chat, now)) continue;
    for (const folder of folders) if (isInFolder(chat, folder)) counts[folder]++;
  }
  return counts;
}

/** Chats whose name fits what was typed; in the order of the list, for it is a filter. */
export function filterChats(chats: readonly ChatSummary[], query: string): readonly ChatSummary[] {
  if (query.trim() === "") return chats;
  return chats.filter(
    ({ name, peer }) => matchScore(query, name) > 0 || (peer && matchScore(query, peer.email) > 0),
  );
}

/** The chats as they are now, in the order that was shown; those that were not shown come last. */
export function keepOrder(
  shownIds: readonly string[],
  chats: readonly ChatSummary[],
): readonly ChatSummary[] {
  const places = new Map(shownIds.map((id, place) => [id, place]));
  const placeOf = ({ id }: ChatSummary) => places.get(id) ?? shownIds.length;
  return chats.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** The chat before or after one that is open; at an end, and where none is open, the first from that side. */
export function neighbour(
  chats: readonly ChatSummary[],
  openId: string | undefined,
  direction: 1 | -1,
  isWanted: (chat: ChatSummary) => boolean = () => true,
): ChatSummary | undefined {
  const at = chats.findIndex(({ id }) => id === openId);
  const after = direction === 1 ? chats.slice(at + 1) : chats.slice(0, Math.max(0, at)).toReversed();
  return after.find(isWanted) ?? (at < 0 ? undefined : turnAround(chats, openId, direction, isWanted));
}

const turnAround = (
  chats: readonly ChatSummary[],
  openId: string | undefined,
  direction: 1 | -1,
  isWanted: (chat: ChatSummary) => boolean,
): ChatSummary | undefined =>
  (direction === 1 ? chats : chats.toReversed()).find((chat) => chat.id !== openId && isWanted(chat));
