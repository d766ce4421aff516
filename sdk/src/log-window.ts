// A piece of a chat's log without holes: messages in the order of seq, each in its latest version.
import type { MessageInfo, UserInfo } from "./contract.ts";

export interface LogWindow {
  /** Oldest first; another array after each change. */
  messages(): readonly MessageInfo[];
  /** Seq of the oldest and of the newest message; 0 while there is none. */
  first(): number;
  last(): number;
  find(messageId: string): MessageInfo | undefined;
  /** Begins again with these. */
  replace(page: readonly MessageInfo[]): void;
  /** Adds those that adjoin, in the order of seq, and takes over what is newer of those that are here. */
  merge(page: readonly MessageInfo[]): void;
  /** Takes over what is newer of a message that is here; leaves others alone. */
  update(message: MessageInfo): void;
  /** Somebody has read everything up to this seq. */
  read(userId: string, seq: number, readAt: string): void;
  /** Drops what is outside; nothing when nothing would be left. */
  trim(range: { first: number; last: number }): void;
  /** Somebody has another name. */
  rename(user: UserInfo): void;
}

export function createLogWindow(): LogWindow {
  let messages: MessageInfo[] = [];
  let snapshot: readonly MessageInfo[] | undefined;

  const first = () => messages[0]?.seq ?? 0;
  const last = () => messages.at(-1)?.seq ?? 0;

  function set(index: number, message: MessageInfo): void {
    messages[index] = message;
    snapshot = undefined;
  }

  function update(message: MessageInfo): void {
    const index = message.seq - first();
    const held = messages[index];
    if (!held || held.version > message.version) return;
    if (held.version === message.version && (held.is_read || !message.is_read)) return;
    // Reading is not versioned, and never undone.
    const isForgotten = held.is_read && !message.is_read;
    set(index, isForgotten ? { ...message, is_read: true, read_at: held.read_at } : message);
  }

  function put(message: MessageInfo): void {
    if (message.seq === last() + 1) set(messages.length, message);
    else update(message);
  }

  return {
    messages: () => (snapshot ??= [...messages]),
    first,
    last,
    find: (messageId) => messages.findLast(({ id }) => id === messageId),
    replace(page) {
      messages = [...page];
      snapshot = undefined;
    },
    merge(page) {
      const older: MessageInfo[] = [];
      const before = page.filter(({ seq }) => seq < first());
      for (const message of before.toSorted((a, b) => b.seq - a.seq || b.version - a.version))
        if (message.seq === first() - 1 - older.length) older.push(message);
      if (older.length > 0) {
        messages = [...older.toReversed(), ...messages];
        snapshot = undefined;
      }
      for (const message of page) put(message);
    },
    update,
    read(userId, seq, readAt) {
      for (let index = Math.min(seq - first(), messages.length - 1); index >= 0; index--) {
        const held = messages[index];
        if (held && !held.is_read && held.sender.id !== userId)
          set(index, { ...held, is_read: true, read_at: readAt });
      }
    },
    trim(range) {
      const kept = messages.filter(({ seq }) => seq >= range.first && seq <= range.last);
      if (kept.length === 0 || kept.length === messages.length) return;
      messages = kept;
      snapshot = undefined;
    },
    rename(user) {
      for (const [index, message] of messages.entries())
        if (message.sender.id === user.id) set(index, { ...message, sender: user });
    },
  };
}
