// Who is connected to this node, and which chats each connection hears; ending that when somebody is out of a chat.
import type { Connection } from "./connection.ts";

export interface Subscriptions {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  all(): Iterable<Connection>;
  /** Open connections of this user on this node. */
  count(userId: string): number;
  /**
   * Lets the connection hear the chat, if `isMember` says so. Whoever is taken out of the chat while the answer is on
   * its way is asked about again.
   * @returns whether it hears the chat now
   */
  join(connection: Connection, chatId: string, isMember: () => Promise<boolean>): Promise<boolean>;
  leave(connection: Connection, chatId: string): void;
  hears(connection: Connection, chatId: string): boolean;
  /**
   * Ends at once what these people's connections on this node hear of the chat. Until `end` is called, their attempts
   * to join it wait: who asks while they are being taken out would still be told that they are in.
   */
  revoke(chatId: string, userIds: readonly string[]): Revocation;
  /** Runs `publish` while this user's connections do not hear the chat. */
  without(userId: string, chatId: string, publish: () => void): void;
}

export interface Revocation {
  /** The connections that heard the chat until now. */
  readonly cut: readonly Connection[];
  /** The change is committed, or it is given up. */
  end(): void;
}

export const topicOf = (chatId: string) => `chat:${chatId}`;

interface PendingJoin {
  chatId: string;
  userId: string;
  isRevoked: boolean;
}

interface Hold {
  chatId: string;
  userIds: ReadonlySet<string>;
  ended: Promise<void>;
}

export function createSubscriptions(): Subscriptions {
  const byUser = new Map<string, Set<Connection>>();
  const pending = new Set<PendingJoin>();
  const holds = new Set<Hold>();

  const holdOn = (chatId: string, userId: string) =>
    [...holds].find((hold) => hold.chatId === chatId && hold.userIds.has(userId));

  /** Whoever of these is being let in now is asked about once more. */
  function doubt(chatId: string, userIds: ReadonlySet<string>): void {
    for (const join of pending) {
      if (join.chatId === chatId && userIds.has(join.userId)) join.isRevoked = true;
    }
  }

  const hears = (connection: Connection, chatId: string) =>
    connection.isOpen && connection.socket.isFollowing(topicOf(chatId));

  const listeners = (userId: string, chatId: string) =>
    [...(byUser.get(userId) ?? [])].filter((connection) => hears(connection, chatId));

  return {
    add(connection) {
      const own = byUser.get(connection.user.id);
      if (own) own.add(connection);
      else byUser.set(connection.user.id, new Set([connection]));
    },
    remove(connection) {
      const own = byUser.get(connection.user.id);
      own?.delete(connection);
      if (own?.size === 0) byUser.delete(connection.user.id);
    },
    *all() {
      for (const own of byUser.values()) yield* own;
    },
    count: (userId) => byUser.get(userId)?.size ?? 0,
    async join(connection, chatId, isMember) {
      const join: PendingJoin = { chatId, userId: connection.user.id, isRevoked: false };
      pending.add(join);
      try {
        for (;;) {
          join.isRevoked = false;
          const isAllowed = await isMember();
          const hold = holdOn(chatId, join.userId);
          if (hold) {
            await hold.ended;
            continue;
          }
          if (!isAllowed) return false;
          if (join.isRevoked) continue;
          if (connection.isOpen) connection.socket.follow(topicOf(chatId));
          return true;
        }
      } finally {
        pending.delete(join);
      }
    },
    leave(connection, chatId) {
      if (connection.isOpen) connection.socket.unfollow(topicOf(chatId));
    },
    hears,
    revoke(chatId, userIds) {
      const out = new Set(userIds);
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const hold: Hold = { chatId, userIds: out, ended };
      holds.add(hold);
      const cut = [...out].flatMap((userId) => listeners(userId, chatId));
      for (const connection of cut) connection.socket.unfollow(topicOf(chatId));
      return {
        cut,
        end() {
          holds.delete(hold);
          doubt(chatId, out);
          resolve();
        },
      };
    },
    without(userId, chatId, publish) {
      const own = listeners(userId, chatId);
      for (const connection of own) connection.socket.unfollow(topicOf(chatId));
      publish();
      for (const connection of own) connection.socket.follow(topicOf(chatId));
    },
  };
}
