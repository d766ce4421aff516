// Who is connected to this node, and what each connection hears; ending that when somebody is out of a chat.
import type { Position } from "@windi/protocol";
import type { Connection } from "./connection.ts";
import type { Gate } from "./gate.ts";
import type { Interest } from "./interest.ts";
import { joinedTopic, logTopic, topicsOf, viewTopic } from "./topics.ts";

export interface Subscriptions {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  all(): Iterable<Connection>;
  /** Open connections of this user on this node. */
  of(userId: string): readonly Connection[];
  /** How many these are. */
  count(userId: string): number;
  /** Those of the user's connections that follow all chats. */
  subscribed(userId: string): Connection[];
  /** The users of such connections, each with the chats that they follow. */
  followers(): Iterable<readonly [userId: string, chatIds: readonly string[]]>;
  /**
   * Lets the connection follow all chats of its user.
   * @returns where they are, with all that has happened until now
   */
  subscribe(connection: Connection, read: () => Promise<readonly Position[]>): Promise<Position[]>;
  /**
   * Those who follow all their chats follow this one too, if `stillIn` says that they are in it; answers with them.
   * `tell` is called with them right before they hear anything of the chat.
   */
  admit(
    chatId: string,
    userIds: readonly string[],
    stillIn: () => Promise<string[]>,
    tell: (userIds: readonly string[]) => void,
  ): Promise<string[]>;
  /**
   * Lets the connection hear the chat, if `isMember` says so; one that follows all chats looks at this one from now on.
   * @returns whether it does now
   */
  join(connection: Connection, chatId: string, isMember: () => Promise<boolean>): Promise<boolean>;
  leave(connection: Connection, chatId: string): void;
  hears(connection: Connection, chatId: string): boolean;
  /** Who hears which of these chats here, on whatever connection. */
  hearing(chatIds: ReadonlySet<string>): { chatId: string; userId: string }[];
  /**
   * Ends at once what these people's connections on this node hear of the chat. Until `end` is called, their attempts
   * to hear it again wait: who asks while they are being taken out would still be told that they are in.
   */
  revoke(chatId: string, userIds: readonly string[]): Revocation;
  /** Runs `publish` while this user's connections do not hear the topic. */
  without(userId: string, topic: string, publish: () => void): void;
}

export interface Revocation {
  /** The connections that heard the chat until now. */
  readonly cut: readonly Connection[];
  /** The change is committed, or it is given up. */
  end(): void;
}

interface Person {
  /** A few at most; whoever goes through them may end them meanwhile. */
  connections: readonly Connection[];
  /**
   * The chats that their subscribed connections follow; undefined without such connections. A list, since there is one
   * for everybody who is online: a set takes four times as much.
   */
  follows: string[] | undefined;
}

/** Is told who is connected, and who of those who follow all their chats looks at which. */
export interface Watch {
  opened(connection: Connection): void;
  closed(connection: Connection): void;
  look(connection: Connection, chatId: string): void;
  leave(connection: Connection, chatId: string): void;
}

interface SubscriptionsNeeds {
  gate: Gate;
  interest: Interest;
  watch: Watch;
}

export function createSubscriptions({ gate, interest, watch }: SubscriptionsNeeds): Subscriptions {
  const people = new Map<string, Person>();
  /** The chats that connections joined one by one. */
  const joined = new Map<Connection, Set<string>>();

  const connectionsOf = (userId: string) => [...(people.get(userId)?.connections ?? [])];
  const subscribed = (userId: string) =>
    connectionsOf(userId).filter((one) => one.isOpen && one.isSubscribed);
  const hears = ({ isOpen, socket }: Connection, chatId: string) =>
    isOpen && (socket.isFollowing(logTopic(chatId)) || socket.isFollowing(joinedTopic(chatId)));

  /** Those that the person does not follow yet; of no use to whom has no connection that follows. */
  function followChats(userId: string, chatIds: readonly string[]): void {
    const { follows } = people.get(userId) ?? {};
    if (!follows) return;
    const already = new Set(follows);
    for (const chatId of chatIds) {
      if (already.has(chatId)) continue;
      follows.push(interest.add(chatId));
      for (const { socket } of subscribed(userId)) socket.follow(logTopic(chatId));
    }
  }

  function followAll(connection: Connection, person: Person): void {
    const { socket } = connection;
    connection.isSubscribed = true;
    for (const chatId of person.follows ?? []) socket.follow(logTopic(chatId));
    for (const chatId of joined.get(connection) ?? []) {
      socket.unfollow(joinedTopic(chatId));
      look(connection, chatId);
    }
  }

  function look(connection: Connection, chatId: string): void {
    connection.socket.follow(viewTopic(chatId));
    watch.look(connection, chatId);
  }

  function leave(connection: Connection, chatId: string): void {
    const chats = joined.get(connection);
    if (!chats?.delete(chatId)) return;
    if (chats.size === 0) joined.delete(connection);
    interest.remove(chatId);
    watch.leave(connection, chatId);
    if (!connection.isOpen) return;
    connection.socket.unfollow(joinedTopic(chatId));
    connection.socket.unfollow(viewTopic(chatId));
  }

  /** What nobody follows any more for this user. */
  function release(person: Person): void {
    for (const chatId of person.follows ?? []) interest.remove(chatId);
    person.follows = undefined;
  }

  function cutOff(userId: string, chatId: string): Connection[] {
    const cut = connectionsOf(userId).filter((connection) => hears(connection, chatId));
    for (const connection of connectionsOf(userId)) leave(connection, chatId);
    for (const { socket } of cut) for (const topic of topicsOf(chatId)) socket.unfollow(topic);
    const follows = people.get(userId)?.follows;
    const at = follows?.indexOf(chatId) ?? -1;
    if (at >= 0) {
      follows?.splice(at, 1);
      interest.remove(chatId);
    }
    return cut;
  }

  return {
    hears,
    leave,
    subscribed,
    add(connection) {
      const person = people.get(connection.user.id);
      if (person) person.connections = [...person.connections, connection];
      else people.set(connection.user.id, { connections: [connection], follows: undefined });
      watch.opened(connection);
    },
    remove(connection) {
      for (const chatId of joined.get(connection) ?? []) leave(connection, chatId);
      const person = people.get(connection.user.id);
      if (!person?.connections.includes(connection)) return;
      person.connections = person.connections.filter((one) => one !== connection);
      watch.closed(connection);
      if (subscribed(connection.user.id).length === 0) release(person);
      if (person.connections.length === 0) people.delete(connection.user.id);
    },
    *all() {
      for (const { connections } of people.values()) yield* connections;
    },
    *followers() {
      for (const [userId, { follows }] of people) if (follows) yield [userId, follows];
    },
    hearing(chatIds) {
      const pairs: { chatId: string; userId: string }[] = [];
      if (chatIds.size === 0) return pairs;
      for (const [userId, { connections, follows }] of people) {
        const heard = new Set(follows?.filter((chatId) => chatIds.has(chatId)));
        for (const connection of connections)
          for (const chatId of joined.get(connection) ?? []) if (chatIds.has(chatId)) heard.add(chatId);
        for (const chatId of heard) pairs.push({ chatId, userId });
      }
      return pairs;
    },
    of: (userId) => people.get(userId)?.connections ?? [],
    count: (userId) => people.get(userId)?.connections.length ?? 0,
    async subscribe(connection, read) {
      const { id: userId } = connection.user;
      const unwatch = interest.watch();
      try {
        return await gate.pass({ userIds: [userId] }, read, (positions) => {
          const person = people.get(userId);
          if (!connection.isOpen || !person) return [...positions];
          person.follows ??= [];
          followChats(
            userId,
            positions.map(({ chat_id }) => chat_id),
          );
          followAll(connection, person);
          return positions.map((position) => {
            const known = interest.known(position.chat_id);
            // Where somebody hears it already, they may not have been told that it has come so far.
            if (!known) interest.note(position);
            if (!known || known.version <= position.version) return position;
            return { ...known, seq: Math.max(known.seq, position.seq) };
          });
        });
      } finally {
        unwatch();
      }
    },
    async admit(chatId, userIds, stillIn, tell) {
      gate.doubt(chatId, new Set(userIds));
      if (!userIds.some((userId) => people.get(userId)?.follows)) return [];
      return gate.pass({ userIds, chatId }, stillIn, (ids) => {
        tell(ids);
        for (const userId of ids) followChats(userId, [chatId]);
        return ids;
      });
    },
    join: (connection, chatId, isMember) =>
      gate.pass({ userIds: [connection.user.id], chatId }, isMember, (isAllowed) => {
        if (!isAllowed || !connection.isOpen) return isAllowed;
        const chats = joined.get(connection) ?? new Set();
        joined.set(connection, chats);
        if (!chats.has(chatId)) interest.add(chatId);
        chats.add(chatId);
        if (connection.isSubscribed) look(connection, chatId);
        else connection.socket.follow(joinedTopic(chatId));
        return true;
      }),
    revoke(chatId, userIds) {
      const out = new Set(userIds);
      const end = gate.hold(chatId, out);
      return { cut: [...out].flatMap((userId) => cutOff(userId, chatId)), end };
    },
    without(userId, topic, publish) {
      const own = connectionsOf(userId).filter((one) => one.isOpen && one.socket.isFollowing(topic));
      for (const { socket } of own) socket.unfollow(topic);
      publish();
      for (const { socket } of own) socket.follow(topic);
    },
  };
}
