// What happens in a chat, in the words of this package: made from live frames and from answers to catching up.
import type { ChatChanges, MessageInfo, Position } from "./contract.ts";
import type { EventFrame } from "./frame.ts";

/** What a change is, without where it stands. */
export type ChangeOf =
  /** A message that was not there: as it is now, so possibly edited already. */
  | { readonly kind: "sent"; readonly message: MessageInfo }
  | { readonly kind: "edited"; readonly message: MessageInfo }
  /** A tombstone; also of a message that was never seen. */
  | { readonly kind: "deleted"; readonly message: MessageInfo }
  | { readonly kind: "renamed"; readonly title: string }
  | { readonly kind: "members_added"; readonly userIds: readonly string[]; readonly memberCount: number }
  | { readonly kind: "members_removed"; readonly userIds: readonly string[]; readonly memberCount: number }
  /** The title or the members changed meanwhile: the chat's summary says how they are now. */
  | { readonly kind: "info_changed" }
  /** Too much happened to tell it all: what is known of the chat is out of date. */
  | { readonly kind: "resync" }
  /** The user is not in the chat any more, or there is none. */
  | { readonly kind: "gone" };

/** Changes that belong together, from one position of the log to a later one. */
export interface Batch {
  readonly chatId: string;
  readonly before: Position;
  readonly position: Position;
  readonly changes: readonly ChangeOf[];
}

/** A change that carries its place in the chain of versions. */
export interface LiveChange {
  readonly chatId: string;
  readonly version: number;
  readonly change: ChangeOf;
}

const changeOf = (message: MessageInfo): ChangeOf => ({
  kind: message.deleted_at === null ? "edited" : "deleted",
  message,
});

/** The versioned change that a frame tells of; undefined for other frames. */
export function readLiveChange(frame: EventFrame): LiveChange | undefined {
  if (frame.event === "new_message" || frame.event === "message_changed") {
    const { data: message } = frame;
    // An answer to a repeated key may show a message as it is now.
    const isNew = frame.event === "new_message" && message.edited_at === null && message.deleted_at === null;
    const change: ChangeOf = isNew ? { kind: "sent", message } : changeOf(message);
    return { chatId: message.chat_id, version: message.version, change };
  }
  if (frame.event === "chat_changed") {
    const { chat_id: chatId, version, title } = frame;
    return { chatId, version, change: { kind: "renamed", title } };
  }
  if (frame.event === "members_added" || frame.event === "members_removed") {
    const { chat_id: chatId, version, user_ids: userIds, member_count: memberCount } = frame;
    return { chatId, version, change: { kind: frame.event, userIds, memberCount } };
  }
  return undefined;
}

/**
 * What an answer tells beyond a position that may have moved on since the question. The messages that are new come
 * first, in the order of seq; then what changed in older ones, in the order of version.
 */
export function readCaughtUp(
  answer: Extract<ChatChanges, { outcome: "changes" }>,
  from: Position,
): readonly ChangeOf[] {
  const fresh = answer.messages.filter(({ version }) => version > from.version);
  const sent = fresh.filter(({ seq }) => seq > from.seq).toSorted((a, b) => a.seq - b.seq);
  const changed = fresh.filter(({ seq }) => seq <= from.seq);
  return [
    ...sent.map((message): ChangeOf => ({
      kind: message.deleted_at === null ? "sent" : "deleted",
      message,
    })),
    ...changed.map(changeOf),
    ...(answer.is_info_changed ? [{ kind: "info_changed" } as const] : []),
  ];
}
