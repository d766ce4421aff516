// The messages of one chat that the page has: by seq, each once, and what is missing between them.
import type { MessageInfo } from "@windi/protocol";

export interface ChatLog {
  /** Oldest first. */
  readonly messages: readonly MessageInfo[];
  /** Smallest seq that is here; undefined while the log is empty. */
  firstSeq: () => number | undefined;
  /** Everything from the first message up to this seq is here; 0 while the log is empty. */
  endSeq: () => number;
  /** Is something newer than `endSeq` here, so that a piece between is missing. */
  hasGap: () => boolean;
  find: (messageId: string) => MessageInfo | undefined;
  /** Adds pages and live messages in any order, as often as they come; what is here already is replaced. */
  merge: (page: readonly MessageInfo[]) => void;
  /** Forgets what is here and begins again with this page. */
  restart: (page: readonly MessageInfo[]) => void;
}

export function createChatLog(): ChatLog {
  const messages: MessageInfo[] = [];
  const ids = new Map<string, MessageInfo>();
  let end = 0;

  /** Where this seq is, or would be. Live messages belong at the end, so the search starts there. */
  function position(seq: number): number {
    if (seq > (messages.at(-1)?.seq ?? 0)) return messages.length;
    let low = 0;
    let high = messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((messages[middle]?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function put(message: MessageInfo): void {
    const known = ids.get(message.id);
    // A page that was asked for earlier may arrive later: the newer version stays, and read stays read.
    if (known && known.version > message.version) return;
    const kept =
      known?.is_read && !message.is_read ? { ...message, is_read: true, read_at: known.read_at } : message;
    const index = position(message.seq);
    ids.set(message.id, kept);
    messages.splice(index, messages[index]?.seq === message.seq ? 1 : 0, kept);
  }

  function measure(): void {
    let index = position(end);
    if (messages[index]?.seq !== end) index = 0;
    while (messages[index + 1]?.seq === (messages[index]?.seq ?? 0) + 1) index++;
    end = messages[index]?.seq ?? 0;
  }

  function merge(page: readonly MessageInfo[]): void {
    for (const message of page) put(message);
    measure();
  }

  return {
    messages,
    firstSeq: () => messages[0]?.seq,
    endSeq: () => end,
    hasGap: () => (messages.at(-1)?.seq ?? 0) > end,
    find: (messageId) => ids.get(messageId),
    merge,
    restart(page) {
      messages.length = 0;
      ids.clear();
      end = 0;
      merge(page);
    },
  };
}
