// How a chat's summary changes with what happens in the chat.
import type { ChangeOf } from "./changes.ts";
import type { ChatSettings, ChatSummary, MessageInfo, UserInfo } from "./contract.ts";

/** The contract counts mentions up to here. */
const mostMentions = 100;

export interface Applied {
  summary: ChatSummary;
  /** Whether only the server knows how a count is now. */
  isUncertain: boolean;
}

/** @param userId whose summary it is */
export function applyChange(
  summary: ChatSummary,
  change: ChangeOf,
  version: number,
  userId: string | undefined,
): Applied {
  const certain = (changes: Partial<ChatSummary>) => ({
    summary: { ...summary, ...changes, version },
    isUncertain: false,
  });
  const { unread_from } = summary.settings;
  /** Whoever writes has read what is before their mark: how much of it was unread, only the server knows. */
  const readsToMark = ({ seq, sender }: MessageInfo) =>
    sender.id === userId && seq > summary.seq && unread_from !== null && summary.read_seq < unread_from - 1;
  if (change.kind === "sent") {
    const { message } = change;
    return { ...certain(addMessage(summary, message, userId)), isUncertain: readsToMark(message) };
  }
  if (change.kind === "renamed") return certain({ name: change.title });
  if (change.kind === "members_added" || change.kind === "members_removed")
    return certain({ member_count: change.memberCount });
  if (change.kind === "edited" || change.kind === "deleted") {
    const { message } = change;
    const { summary: next } = certain(changeMessage(summary, message, userId));
    const isUnread = message.seq > summary.read_seq && message.sender.id !== userId;
    // Whom the text named before is not told.
    const isUncertain = isUnread && (summary.mention_count > 0 || message.mentions.includes(userId ?? ""));
    return { summary: next, isUncertain: isUncertain || readsToMark(message) };
  }
  return { summary, isUncertain: true };
}

function changeMessage(
  summary: ChatSummary,
  message: MessageInfo,
  userId: string | undefined,
): Partial<ChatSummary> {
  // Sent and deleted meanwhile: it takes its place and is not unread.
  if (message.seq > summary.seq) {
    const { unread_count } = summary;
    return { unread_count, ...addMessage({ ...summary, unread_count: unread_count - 1 }, message, userId) };
  }
  const isOwn = message.sender.id === userId && summary.settings.unread_from === null;
  const isCounted = message.seq > summary.read_seq && !isOwn;
  const lost = isCounted && message.deleted_at !== null ? 1 : 0;
  return {
    last_message: summary.last_message?.seq === message.seq ? message : summary.last_message,
    unread_count: Math.max(0, summary.unread_count - lost),
  };
}

function addMessage(
  summary: ChatSummary,
  message: MessageInfo,
  userId: string | undefined,
): Partial<ChatSummary> {
  const next = {
    seq: message.seq,
    last_message: message,
    last_activity_at: message.created_at,
  };
  // Whoever writes has read what is before, unless they marked it as unread.
  const { unread_from } = summary.settings;
  if (message.sender.id === userId && unread_from === null)
    return { ...next, read_seq: message.seq, unread_count: 0, mention_count: 0 };
  const isOwn = message.sender.id === userId && unread_from !== null;
  const read_seq = isOwn ? Math.max(summary.read_seq, unread_from - 1) : summary.read_seq;
  // Told on another way, that it was read may come before it.
  if (message.seq <= summary.read_seq) return next;
  const isNamed = message.mentions.includes(userId ?? "");
  return {
    ...next,
    read_seq,
    unread_count: summary.unread_count + 1,
    mention_count: Math.min(mostMentions, summary.mention_count + (isNamed ? 1 : 0)),
  };
}

/** The user has read the chat so far, on whatever device. */
export function applyRead(before: ChatSummary, readSeq: number): Applied {
  const { settings } = before;
  const isUnmarked = settings.unread_from !== null && readSeq >= settings.unread_from;
  const summary = isUnmarked ? { ...before, settings: { ...settings, unread_from: null } } : before;
  if (readSeq <= summary.read_seq) return { summary, isUncertain: false };
  if (readSeq >= summary.seq)
    return {
      summary: { ...summary, read_seq: readSeq, unread_count: 0, mention_count: 0 },
      isUncertain: false,
    };
  // Deleted messages among those that are left are not counted; how many there are, only the server knows.
  const left = Math.min(summary.unread_count, summary.seq - readSeq);
  const mentions = Math.min(summary.mention_count, left);
  return {
    summary: { ...summary, read_seq: readSeq, unread_count: left, mention_count: mentions },
    isUncertain: true,
  };
}

/** Somebody has read everything up to this message. */
export function applyReading(
  summary: ChatSummary,
  messageId: string,
  userId: string,
  readAt: string,
): ChatSummary {
  const last = summary.last_message;
  if (last?.id !== messageId || last.is_read || last.sender.id === userId) return summary;
  return { ...summary, last_message: { ...last, is_read: true, read_at: readAt } };
}

/** The user has other settings of this chat, on whatever device. */
export function applySettings(summary: ChatSummary, settings: ChatSettings): Applied {
  const mark = settings.unread_from;
  if (mark === summary.settings.unread_from) return { summary: { ...summary, settings }, isUncertain: false };
  // How far it is read without the mark, and what is deleted after it, only the server knows.
  if (mark === null) return { summary: { ...summary, settings }, isUncertain: true };
  const read_seq = Math.min(summary.read_seq, mark - 1);
  const unread_count = Math.max(summary.unread_count, summary.seq - mark + 1);
  return { summary: { ...summary, settings, read_seq, unread_count }, isUncertain: true };
}

/** Somebody has another name or address. */
export function applyUser(summary: ChatSummary, user: UserInfo): ChatSummary {
  const { peer, last_message: last } = summary;
  const renamed = peer?.id === user.id ? { ...summary, peer: user, name: user.name } : summary;
  return last?.sender.id === user.id ? { ...renamed, last_message: { ...last, sender: user } } : renamed;
}

/** Pinned chats first, then the one with the latest activity; as the server has them. */
export const sortSummaries = (summaries: Iterable<ChatSummary>): ChatSummary[] =>
  [...summaries].toSorted(
    (a, b) =>
      Number(b.settings.is_pinned) - Number(a.settings.is_pinned) ||
      compare(b.last_activity_at, a.last_activity_at) ||
      compare(b.id, a.id),
  );

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
