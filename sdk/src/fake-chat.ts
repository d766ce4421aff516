// A chat of the server that tests talk to: one log, as the contract describes it.
import type {
  ChatChanges,
  ChatSettings,
  ChatSummary,
  Draft,
  MessageInfo,
  Position,
  UserInfo,
} from "./contract.ts";
import type { EventFrame } from "./frame.ts";

/** The contract's limit is 200; a small one makes resyncs frequent. */
const mostChanges = 20;

export interface FakeChat {
  readonly id: string;
  readonly members: Map<string, UserInfo>;
  messages(): readonly MessageInfo[];
  position(): Position;
  send(
    sender: UserInfo,
    text: string,
    key: string | null,
    mentions?: string[],
  ): { message: MessageInfo; isNew: boolean };
  edit(messageId: string, text: string): MessageInfo | undefined;
  remove(messageId: string): MessageInfo | undefined;
  rename(title: string): EventFrame;
  read(userId: string, seq: number): number;
  changesSince(position: Position): ChatChanges;
  page(query: URLSearchParams): MessageInfo[];
  summaryFor(userId: string): ChatSummary;
  /** How often this person has changed something for themself. */
  ownVersion(userId: string): number;
  /** Changes what this person has set. */
  set(userId: string, change: Partial<ChatSettings>): ChatSettings;
  write(userId: string, text: string): Draft | null;
}

const unset: ChatSettings = { is_pinned: false, muted_until: null, unread_from: null };

export function createFakeChat(id: string, people: readonly UserInfo[], now: () => number): FakeChat {
  const members = new Map(people.map((person) => [person.id, person]));
  const messages: MessageInfo[] = [];
  const readSeq = new Map<string, number>();
  const settings = new Map<string, ChatSettings>();
  const drafts = new Map<string, Draft | null>();
  const ownVersions = new Map<string, number>();
  let version = 0;
  let infoVersion = 0;
  let title = "Group";
  let changedAt = now();

  const stamp = () => new Date(now()).toISOString();
  const position = () => ({ chat_id: id, seq: messages.length, version });

  const ownVersion = (userId: string) => ownVersions.get(userId) ?? 0;
  const count = (userId: string) => void ownVersions.set(userId, ownVersion(userId) + 1);
  const settingsOf = (userId: string) => settings.get(userId) ?? unset;
  function set(userId: string, changed: Partial<ChatSettings>): ChatSettings {
    const next = { ...settingsOf(userId), ...changed };
    count(userId);
    settings.set(userId, next);
    return next;
  }

  function change(messageId: string, fields: Partial<MessageInfo>): MessageInfo | undefined {
    const index = messages.findIndex((message) => message.id === messageId);
    const held = messages[index];
    if (!held || held.deleted_at !== null) return held;
    const changed = { ...held, ...fields, version: ++version };
    messages[index] = changed;
    return changed;
  }

  return {
    id,
    members,
    ownVersion,
    set,
    write(userId, text) {
      const draft = text === "" ? null : { text, updated_at: stamp() };
      drafts.set(userId, draft);
      count(userId);
      return draft;
    },
    messages: () => messages,
    position,
    send(sender, text, key, mentions = []) {
      const held = messages.find((message) => key !== null && message.idempotency_key === key);
      if (held) return { message: held, isNew: false };
      const seq = messages.length + 1;
      changedAt = now();
      const message: MessageInfo = {
        id: `${id}-${seq}`,
        chat_id: id,
        seq,
        version: ++version,
        sender,
        text,
        created_at: stamp(),
        is_read: false,
        read_at: null,
        idempotency_key: key,
        mentions,
        edited_at: null,
        deleted_at: null,
      };
      messages.push(message);
      readSeq.set(sender.id, seq);
      return { message, isNew: true };
    },
    edit: (messageId, text) => change(messageId, { text, edited_at: stamp() }),
    remove: (messageId) => change(messageId, { text: "", mentions: [], deleted_at: stamp() }),
    rename(next) {
      title = next;
      infoVersion = ++version;
      return { event: "chat_changed", chat_id: id, version, title };
    },
    read(userId, seq) {
      const moved = Math.max(readSeq.get(userId) ?? 0, seq);
      readSeq.set(userId, moved);
      count(userId);
      if (seq >= (settingsOf(userId).unread_from ?? Infinity)) set(userId, { unread_from: null });
      for (const [index, message] of messages.entries())
        if (message.seq <= seq && message.sender.id !== userId && !message.is_read)
          messages[index] = { ...message, is_read: true, read_at: stamp() };
      return moved;
    },
    changesSince(from) {
      const changed = messages.filter((message) => message.version > from.version);
      if (changed.length > mostChanges || from.version > version) return { outcome: "resync", ...position() };
      const is_info_changed = infoVersion > from.version;
      const ordered = changed.toSorted((a, b) => a.version - b.version);
      return { outcome: "changes", ...position(), messages: ordered, is_info_changed };
    },
    page(query) {
      const read = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
      const limit = read("limit") ?? 50;
      const before = read("before_seq");
      const after = read("after_seq");
      const around = read("around_seq");
      if (before !== undefined) return messages.filter(({ seq }) => seq < before).slice(-limit);
      if (after !== undefined) return messages.filter(({ seq }) => seq > after).slice(0, limit);
      const start = Math.max(0, (around ?? 1) - 1 - Math.floor(limit / 2));
      return messages.slice(start, start + limit);
    },
    summaryFor(userId) {
      const own = settingsOf(userId);
      const from = Math.min(readSeq.get(userId) ?? 0, (own.unread_from ?? Infinity) - 1);
      const unread = messages.filter(({ seq, deleted_at }) => seq > from && deleted_at === null);
      return {
        id,
        type: "group",
        name: title,
        group_id: id,
        creator_id: people[0]?.id ?? "",
        peer: null,
        member_count: members.size,
        ...position(),
        last_activity_at: new Date(changedAt).toISOString(),
        last_message: messages.at(-1) ?? null,
        read_seq: from,
        unread_count: unread.length,
        mention_count: unread.filter(({ mentions }) => mentions.includes(userId)).length,
        own_version: ownVersion(userId),
        settings: own,
        draft: drafts.get(userId) ?? null,
      };
    },
  };
}
