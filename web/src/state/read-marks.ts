// What has been read in one chat: by me, and of my messages by anyone else.
import type { MessageInfo, MessageWasRead } from "@windi/protocol";
import type { ChatLog } from "./chat-log.ts";

export interface ReadMarks {
  /** I have read everything up to this seq. */
  mySeq: () => number;
  /** I have read up to here; never goes back. */
  moveMine: (seq: number) => void;
  heard: (event: MessageWasRead["data"]) => void;
  isFromOthers: (message: MessageInfo) => boolean;
  isReadByOthers: (message: MessageInfo) => boolean;
  /** Messages of others, of those that are here, that I have not read. */
  countUnread: () => number;
}

export function createReadMarks(log: ChatLog, myId: string): ReadMarks {
  let mine = 0;
  /** The furthest that each other person has read, as the events told. */
  const others = new Map<string, number>();
  /** Events about messages that are not here yet: message → readers. */
  const unresolved = new Map<string, Set<string>>();

  const isFromOthers = (message: MessageInfo) => message.sender.id !== myId;

  function move(userId: string, seq: number): void {
    if (userId === myId) mine = Math.max(mine, seq);
    else others.set(userId, Math.max(others.get(userId) ?? 0, seq));
  }

  function resolve(): void {
    for (const [messageId, readers] of unresolved) {
      const message = log.find(messageId);
      if (!message) continue;
      unresolved.delete(messageId);
      for (const reader of readers) move(reader, message.seq);
    }
  }

  return {
    mySeq() {
      resolve();
      return mine;
    },
    moveMine: (seq) => move(myId, seq),
    heard({ message_id, user_id }) {
      const readers = unresolved.get(message_id) ?? new Set();
      unresolved.set(message_id, readers.add(user_id));
      resolve();
    },
    isFromOthers,
    isReadByOthers(message) {
      if (message.is_read) return true;
      resolve();
      for (const [userId, seq] of others) if (userId !== message.sender.id && seq >= message.seq) return true;
      return false;
    },
    countUnread() {
      resolve();
      let count = 0;
      for (let index = log.messages.length - 1; index >= 0; index--) {
        const message = log.messages[index];
        if (!message || message.seq <= mine) break;
        if (isFromOthers(message)) count++;
      }
      return count;
    },
  };
}
