// How much is unread in all chats that the list has: counted once for each change, and when a muted chat is heard again.
import type { Clock } from "./clock.ts";
import type { ChatSettings, ChatSummary } from "./contract.ts";
import { createObservable, type Observable } from "./observable.ts";

export interface ChatTotals {
  /** Unread messages in chats that are not muted. */
  readonly unread: number;
  /** Chats, not muted, that have any. */
  readonly unreadChats: number;
  /** Unread messages that name the user, in muted chats too. */
  readonly mentions: number;
}

/** What is muted for longer is looked at again at the next change. */
const longestTimerMs = 24 * 3_600_000;

export const isMuted = ({ muted_until }: Pick<ChatSettings, "muted_until">, now: number): boolean =>
  muted_until !== null && Date.parse(muted_until) > now;

export function createTotals(clock: Clock) {
  const source = createObservable<ChatTotals>({ unread: 0, unreadChats: 0, mentions: 0 });
  const totals: Observable<ChatTotals> = { get: source.get, subscribe: source.subscribe };
  let cancel = () => {};

  function update(chats: readonly ChatSummary[]): void {
    cancel();
    const now = clock.now();
    let [unread, unreadChats, mentions, nextEnd] = [0, 0, 0, Infinity];
    for (const { unread_count, mention_count, settings } of chats) {
      mentions += mention_count;
      if (unread_count === 0) continue;
      if (isMuted(settings, now)) nextEnd = Math.min(nextEnd, Date.parse(settings.muted_until ?? ""));
      else {
        unread += unread_count;
        unreadChats++;
      }
    }
    if (nextEnd - now <= longestTimerMs) cancel = clock.later(nextEnd - now, () => update(chats));
    const before = source.get();
    const isSame =
      before.unread === unread && before.unreadChats === unreadChats && before.mentions === mentions;
    if (!isSame) source.set({ unread, unreadChats, mentions });
  }

  return { totals, update, end: (): void => cancel() };
}
