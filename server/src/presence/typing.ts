// Who is writing in which chat, for a few seconds after each sign of it: told at a bounded rate, kept in memory only.
import type { ManyTyping, UserInfo, UserTyping } from "@windi/protocol";
import type { Bus } from "../bus/bus.ts";
import type { Publish } from "../realtime/audience.ts";
import type { Clock } from "../clock.ts";
import type { NodeMessage } from "../realtime/node-message.ts";
import { joinedTopic, viewTopic } from "../realtime/topics.ts";

export interface Typing extends Disposable {
  /** A user of this node is writing. */
  wrote(chatId: string, user: Pick<UserInfo, "id" | "name">): void;
}

/** These people of one node are writing. */
export interface TypingHead {
  kind: "typing";
  chatId: string;
  people: readonly (readonly [userId: string, name: string])[];
}

interface TypingNeeds {
  publish: Publish;
  /** Runs `call` while this user's own connections do not hear the topic. */
  without(userId: string, topic: string, call: () => void): void;
  bus: Pick<Bus<NodeMessage>, "publish" | "listen">;
  clock: Pick<Clock, "now" | "every">;
}

/** A sign of writing is shown for so long. */
export const typingExpiresInMs = 6000;
/** The same person is not told of again before. */
const repeatMs = 2000;
/** More people than this are counted, at most once in `countMs`, not named. */
const maxNamed = 3;
const countMs = 1000;
/** Of a chat, and in all: whoever is beyond is not worth the memory. */
const maxWriters = 200;
const maxRooms = 10_000;

interface Writer {
  wroteAt: number;
  toldAt: number;
}

/** A chat in which somebody writes. */
interface Room {
  chatId: string;
  /** Whoever wrote longest ago first. */
  writers: Map<string, Writer>;
  /** Who is to be told to the other nodes: user → name. */
  outgoing: Map<string, string>;
  toldNodesAt: number;
  countedAt: number;
  isCountDue: boolean;
}

export function createTyping({ publish, without, bus, clock }: TypingNeeds): Typing {
  const { now } = clock;
  const rooms = new Map<string, Room>();

  function roomOf(chatId: string): Room | undefined {
    const known = rooms.get(chatId);
    if (known || rooms.size >= maxRooms) return known;
    const room: Room = {
      chatId,
      writers: new Map(),
      outgoing: new Map(),
      toldNodesAt: -Infinity,
      countedAt: -Infinity,
      isCountDue: false,
    };
    rooms.set(chatId, room);
    return room;
  }

  function forgetOld({ writers }: Room): void {
    for (const [userId, { wroteAt }] of writers) {
      if (now() - wroteAt < typingExpiresInMs) return;
      writers.delete(userId);
    }
  }

  /** Whether this is worth telling: the same person was not told of just now. */
  function note(room: Room, userId: string): boolean {
    forgetOld(room);
    const known = room.writers.get(userId);
    if (!known && room.writers.size >= maxWriters) return false;
    const isRepeated = known !== undefined && now() - known.toldAt < repeatMs;
    room.writers.delete(userId);
    room.writers.set(userId, { wroteAt: now(), toldAt: isRepeated ? known.toldAt : now() });
    return !isRepeated;
  }

  const isCrowded = (room: Room) => room.writers.size > maxNamed;

  function publishExcept(userId: string, topic: string, event: UserTyping): void {
    without(userId, topic, () => publish(topic, JSON.stringify(event)));
  }

  const eventOf = (chatId: string, userId: string, name: string): UserTyping => ({
    event: "typing",
    chat_id: chatId,
    user_id: userId,
    user_name: name,
  });

  /** To those who look at the chat: the name, or that there are many. */
  function tellViewers(room: Room, userId: string, name: string): void {
    if (isCrowded(room)) {
      room.isCountDue = true;
      return;
    }
    const event = { ...eventOf(room.chatId, userId, name), expires_in_ms: typingExpiresInMs };
    publishExcept(userId, viewTopic(room.chatId), event);
  }

  /** To those who only joined. They know no count. */
  function tellJoined(room: Room, userId: string, name: string): void {
    if (isCrowded(room)) return;
    publishExcept(userId, joinedTopic(room.chatId), eventOf(room.chatId, userId, name));
  }

  /** Sends what may be sent now; the rest has to wait. */
  function release(room: Room): void {
    const { chatId, outgoing, writers } = room;
    const mayTellNodes = !isCrowded(room) || now() - room.toldNodesAt >= countMs;
    if (outgoing.size > 0 && mayTellNodes) {
      const people = [...outgoing];
      outgoing.clear();
      room.toldNodesAt = now();
      bus.publish(chatId, { head: { kind: "typing", chatId, people } });
    }
    if (!room.isCountDue || now() - room.countedAt < countMs) return;
    room.isCountDue = false;
    if (!isCrowded(room)) return;
    room.countedAt = now();
    const event: ManyTyping = {
      event: "many_typing",
      chat_id: chatId,
      count: writers.size,
      expires_in_ms: typingExpiresInMs,
    };
    publish(viewTopic(chatId), JSON.stringify(event));
  }

  function hear({ chatId, people }: TypingHead): void {
    const room = roomOf(chatId);
    if (!room) return;
    for (const [userId, name] of people) {
      if (!note(room, userId)) continue;
      tellJoined(room, userId, name);
      tellViewers(room, userId, name);
    }
    release(room);
  }

  /** Forgets who stopped, and tells what had to wait. */
  function sweep(): void {
    for (const room of rooms.values()) {
      forgetOld(room);
      release(room);
      if (room.writers.size === 0) rooms.delete(room.chatId);
    }
  }

  bus.listen(({ head }) => {
    if (head.kind === "typing") hear(head);
  });
  const sweeping = clock.every(countMs, sweep);

  return {
    wrote(chatId, { id, name }) {
      const room = roomOf(chatId);
      if (!room) return;
      const isNews = note(room, id);
      // Each sign, as often as the limit of typing lets it through: these clients may forget it sooner.
      tellJoined(room, id, name);
      if (!isNews) return;
      tellViewers(room, id, name);
      room.outgoing.set(id, name);
      release(room);
    },
    [Symbol.dispose]: () => sweeping[Symbol.dispose](),
  };
}
