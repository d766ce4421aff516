// A chat that somebody on this node looks at, as presence sees it: who is in it, who of them is seen to be online.
import type { Presence } from "@windi/protocol";
import type { Connection } from "../realtime/connection.ts";

/** A connection, as far as presence needs it. */
export type Looker = Pick<Connection, "user" | "isOpen" | "answer"> & {
  readonly socket: Pick<Connection["socket"], "follow" | "unfollow">;
};

/** A member of one or more chats that are looked at. */
export interface Person {
  readonly id: string;
  showsPresence: boolean;
  /** Online, and shows it. */
  isVisible: boolean;
  /** Milliseconds since 1970; null also for those who do not show presence. */
  lastSeenAt: number | null;
  views: View[];
}

export interface View {
  readonly chatId: string;
  /** User → the connections that look at the chat. */
  lookers: Map<string, Set<Looker>>;
  /** Those of them who have not been told yet who is online. */
  waiting: Set<Looker>;
  members: Map<string, Person>;
  visibleCount: number;
  /** Whom to tell of with the next frame. */
  changed: Set<Person>;
  isLoaded: boolean;
  loadedAt: number;
  /** When the members are to be read again. */
  staleAt: number;
  /** When the last looker left. */
  idleSince: number | undefined;
}

/** In a larger chat people are counted, not named. */
const maxNamed = 100;

export const createView = (chatId: string): View => ({
  chatId,
  lookers: new Map(),
  waiting: new Set(),
  members: new Map(),
  visibleCount: 0,
  changed: new Set(),
  isLoaded: false,
  loadedAt: 0,
  staleAt: 0,
  idleSince: undefined,
});

/** For those who begin to look: whoever has something to show. */
export const firstFrame = (view: View): Presence =>
  frameOf(
    view,
    [...view.members.values()].filter((person) => person.isVisible || person.lastSeenAt !== null),
  );

/** For those who look already. */
export const nextFrame = (view: View): Presence =>
  frameOf(
    view,
    [...view.changed].filter((person) => view.members.has(person.id)),
  );

/** For those who do not show presence, and therefore see none. */
export const emptyFrame = ({ chatId }: View): Presence => ({
  event: "presence",
  chat_id: chatId,
  online_count: 0,
  users: [],
});

/** For those who saw others until now. */
export const blindFrame = (view: View): Presence => ({
  ...emptyFrame(view),
  users: firstFrame(view).users.map(({ user_id }) => ({ user_id, is_online: false, last_seen_at: null })),
});

function frameOf(view: View, people: readonly Person[]): Presence {
  const isNamed = view.members.size <= maxNamed;
  return {
    event: "presence",
    chat_id: view.chatId,
    online_count: view.visibleCount,
    users: isNamed ? people.map(toUser) : [],
  };
}

const toUser = ({ id, isVisible, lastSeenAt }: Person) => ({
  user_id: id,
  is_online: isVisible,
  last_seen_at: isVisible || lastSeenAt === null ? null : new Date(lastSeenAt).toISOString(),
});
