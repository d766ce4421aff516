// Who looks at which chat on this node, and what they are told of who is online there. What nobody looks at costs nothing.
import type { Publish } from "../realtime/audience.ts";
import { createPeople } from "./people.ts";
import type { Reading } from "./reading.ts";
import { blindFrame, createView, emptyFrame, firstFrame, nextFrame, type Looker, type View } from "./view.ts";
import type { ProfileRow } from "./presence.store.ts";
import { presenceTopic } from "../realtime/topics.ts";

export interface Views {
  /** From now on the connection hears who is online in the chat; it begins with all who are. */
  look(connection: Looker, chatId: string): void;
  leave(connection: Looker, chatId: string): void;
  leaveAll(connection: Looker): void;
  /** People joined the chat or left it. */
  membersChanged(chatId: string): void;
  /** Somebody came or went. */
  settle(userId: string): void;
  /** Somebody shows presence now, or does not any more; which of both is read. */
  switched(userId: string): void;
  /** Nothing that is known of members is certain. */
  doubtAll(): void;
  onMembers(chatId: string, rows: readonly ProfileRow[]): void;
  onProfile(row: ProfileRow): void;
  /** Tells of all that changed since the last time, one frame a chat; and reads, and forgets, what it is time for. */
  flush(): void;
}

interface ViewsNeeds {
  isOnline(userId: string): boolean;
  wentAt(userId: string): number | undefined;
  publish: Publish;
  reading: Reading;
  /** Milliseconds since any moment. */
  now(): number;
  /** Calls back after what is being done now. */
  soon(call: () => void): void;
}

/** Of one connection; whoever looks at more hears of the latest of them. */
const maxViews = 100;
/** A chat is kept for a while: to leave it and look again is not to read it again. */
const idleMs = 30_000;
/** Members are read again even if nothing told of a change. */
const freshMs = 300_000;
/** A large chat in which people come and go all the time is read less often. */
const pauseMsPerMember = 0.3;

export function createViews({ isOnline, wentAt, publish, reading, now, soon }: ViewsNeeds): Views {
  const views = new Map<string, View>();
  const looking = new Map<Looker, Set<View>>();
  const due = new Set<View>();
  const people = createPeople({
    isOnline,
    wentAt,
    onChange: (view) => void due.add(view),
    onSwitch({ id, views: seenIn }) {
      for (const view of seenIn) for (const looker of view.lookers.get(id) ?? []) greet(view, looker, true);
    },
  });

  /** Lets the connection hear of the others, if its user lets the others hear. */
  function greet(view: View, looker: Looker, isSwitch: boolean): void {
    if (!looker.isOpen) return;
    if (view.members.get(looker.user.id)?.showsPresence === true) {
      looker.socket.follow(presenceTopic(view.chatId));
      looker.answer(firstFrame(view));
    } else {
      looker.socket.unfollow(presenceTopic(view.chatId));
      looker.answer(isSwitch ? blindFrame(view) : emptyFrame(view));
    }
  }

  function greetWaiting(view: View): void {
    for (const looker of view.waiting) greet(view, looker, false);
    view.waiting.clear();
  }

  function open(chatId: string): View {
    const view = createView(chatId);
    views.set(chatId, view);
    return view;
  }

  function close(view: View): void {
    people.release(view);
    views.delete(view.chatId);
    due.delete(view);
  }

  function stop(looker: Looker, view: View): void {
    const own = view.lookers.get(looker.user.id);
    if (!own?.delete(looker)) return;
    looking.get(looker)?.delete(view);
    view.waiting.delete(looker);
    if (looker.isOpen) looker.socket.unfollow(presenceTopic(view.chatId));
    if (own.size === 0) view.lookers.delete(looker.user.id);
    if (view.lookers.size === 0) view.idleSince = now();
  }

  function read(view: View): void {
    view.staleAt = now() + freshMs;
    reading.chat(view.chatId);
  }

  /** Reads what is stale, and forgets what nobody has looked at for a while. */
  function tend(view: View): void {
    if (view.idleSince === undefined) {
      if (view.staleAt <= now()) read(view);
    } else if (view.staleAt <= now() || view.idleSince + idleMs <= now()) close(view);
  }

  return {
    look(looker, chatId) {
      const view = views.get(chatId) ?? open(chatId);
      const own = view.lookers.get(looker.user.id) ?? new Set();
      view.lookers.set(looker.user.id, own.add(looker));
      view.idleSince = undefined;
      view.waiting.add(looker);
      const all = looking.get(looker) ?? new Set();
      looking.set(looker, all.add(view));
      const [oldest] = all;
      if (all.size > maxViews && oldest) stop(looker, oldest);
      if (view.members.has(looker.user.id)) soon(() => greetWaiting(view));
      else read(view);
    },
    leave(looker, chatId) {
      const view = views.get(chatId);
      if (view) stop(looker, view);
    },
    leaveAll(looker) {
      for (const view of [...(looking.get(looker) ?? [])]) stop(looker, view);
      looking.delete(looker);
    },
    membersChanged(chatId) {
      const view = views.get(chatId);
      if (!view) return;
      view.staleAt = Math.min(view.staleAt, view.loadedAt + view.members.size * pauseMsPerMember);
    },
    settle: people.settle,
    switched(userId) {
      if (people.has(userId) || reading.isBusy) reading.person(userId);
    },
    doubtAll() {
      for (const view of views.values()) view.staleAt = 0;
    },
    onMembers(chatId, rows) {
      const view = views.get(chatId);
      if (!view) return;
      people.enter(view, rows);
      view.isLoaded = true;
      view.loadedAt = now();
      greetWaiting(view);
    },
    onProfile: people.refresh,
    flush() {
      for (const view of due) {
        if (view.lookers.size > 0) publish(presenceTopic(view.chatId), JSON.stringify(nextFrame(view)));
        view.changed.clear();
      }
      due.clear();
      for (const view of views.values()) tend(view);
      reading.resume();
    },
  };
}
