// From an event to everyone whom it concerns: serialised once, to this node's sockets and over the bus to the others.
import type {
  ChatAdded,
  ChatRead,
  ChatSummary,
  MessageChanged,
  MessageWasRead,
  NewMessage,
  Position,
  PositionHint,
} from "@windi/protocol";
import type { Bus } from "../bus/bus.ts";
import type { ChatNews, OwnEvent, OwnNews } from "../chats/news.ts";
import { publishTo, type Origin, type Publish } from "./audience.ts";
import type { Interest } from "./interest.ts";
import type { NodeMessage } from "./node-message.ts";
import type { Revocations } from "./revocations.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { joinedTopic, logTopic, viewTopic } from "./topics.ts";

export interface Fanout extends ChatNews, OwnNews {
  /** A message is new or changed: to all who follow the chat, and to the origin in any case. */
  message(event: NewMessage | MessageChanged, origin?: Origin): void;
  read(event: MessageWasRead, move: ReadMove, origin?: Origin): void;
  /** These people of this node are in the chat now: as `added`, but for the other nodes. */
  admit(userIds: readonly string[], chat: ChatSummary): void;
  /** Somebody of this node is in the chat, and knows it, but this node was not told: from now on they hear it. */
  enrol(userId: string, position: Position): Promise<void>;
  /** The chat is at least here, and whoever follows it on this node may have missed that. */
  hint(position: Omit<PositionHint, "event">): void;
}

export interface ReadMove {
  /** The seq of the message that was read. */
  seq: number;
  /** The reader's pointer is further than it was. */
  hasMoved: boolean;
  /** A message counts as read that did not: its sender wants to know, whatever they look at. */
  isNews: boolean;
  /** The reader had marked the chat as unread, and it is not any more. */
  isUnmarked: boolean;
  /** Of the reader's own changes of the chat. */
  ownVersion: number;
}

interface FanoutNeeds {
  publish: Publish;
  subscriptions: Subscriptions;
  interest: Interest;
  revocations: Revocations;
  bus: Bus<NodeMessage>;
  /** People joined the chat or left it. */
  membersChanged(chatId: string): void;
  /** Those of these people who are in the chat. */
  membersAmong(chatId: string, userIds: readonly string[]): Promise<string[]>;
  onHint?(): void;
  /** Messages of this chat count as read that did not. */
  onRead?(chatId: string): void;
  /** What could not be found out whether to tell; it is repaired later. */
  onFault(error: unknown): void;
}

function additionOf(userIds: readonly string[], chat: ChatSummary) {
  const { id: chatId, seq, version } = chat;
  const head: Told<"added"> = { kind: "added", chatId, userIds, seq, version };
  return { head, frame: JSON.stringify({ event: "chat_added", chat } satisfies ChatAdded) };
}

const readOf = (chatId: string, seq: number, ownVersion: number): ChatRead => ({
  ...{ event: "chat_read", chat_id: chatId, read_seq: seq, own_version: ownVersion },
});

type Told<Kind extends NodeMessage["kind"]> = Extract<NodeMessage, { kind: Kind }>;

export function createFanout(needs: FanoutNeeds): Fanout {
  const { publish, subscriptions, interest, revocations, bus, membersChanged, membersAmong, onFault } = needs;

  function tellLog(head: Told<"log">, frame: string, origin?: Origin): void {
    const { chatId, seq, version, isForJoined } = head;
    if (head.isMembership) membersChanged(chatId);
    interest.note({ chat_id: chatId, seq: seq ?? interest.known(chatId)?.seq ?? 0, version });
    const topics = isForJoined ? [joinedTopic(chatId), logTopic(chatId)] : [logTopic(chatId)];
    publishTo(publish, topics, frame, origin);
  }

  function tellRead(head: Told<"read">, frame: string, origin?: Origin): void {
    const { chatId, userId, seq, isNews, ownVersion } = head;
    needs.onRead?.(chatId);
    publishTo(publish, [joinedTopic(chatId), isNews ? logTopic(chatId) : viewTopic(chatId)], frame, origin);
    const event = readOf(chatId, seq, ownVersion);
    for (const connection of subscriptions.subscribed(userId)) connection.answer(event);
  }

  function tellOwn({ userId }: Told<"own">, frame: string): void {
    for (const connection of subscriptions.subscribed(userId)) connection.socket.send(frame);
  }

  function own(userId: string, event: OwnEvent): void {
    const head: Told<"own"> = { kind: "own", chatId: event.chat_id, userId };
    const frame = JSON.stringify(event);
    tellOwn(head, frame);
    bus.publish(event.chat_id, { head, frame });
  }

  async function tellAdded(
    { chatId, userIds, seq, version }: Omit<Told<"added">, "kind">,
    frame?: string,
  ): Promise<readonly string[] | undefined> {
    const unwatch = interest.watch();
    try {
      const tell = (ids: readonly string[]) => {
        if (frame === undefined) return;
        for (const connection of ids.flatMap(subscriptions.subscribed)) connection.socket.send(frame);
      };
      const added = await subscriptions.admit(chatId, userIds, () => membersAmong(chatId, userIds), tell);
      const known = interest.known(chatId);
      // Where somebody heard it before, that this came through does not say that they were told of all before it.
      if (added.length > 0 && !known) interest.note({ chat_id: chatId, seq, version });
      // What happened while they were let in reached others only.
      if (known && known.version > version) hint(known);
      return added;
    } catch (error) {
      onFault(error);
      return undefined;
    } finally {
      unwatch();
    }
  }

  const hint: Fanout["hint"] = (position) => {
    needs.onHint?.();
    interest.note(position);
    publish(logTopic(position.chat_id), JSON.stringify({ event: "position", ...position }));
  };

  bus.listen(({ head, frame = "" }) => {
    switch (head.kind) {
      case "log":
        return tellLog(head, frame);
      case "read":
        return tellRead(head, frame);
      case "own":
        return tellOwn(head, frame);
      case "added":
        return void tellAdded(head, frame);
      case "revoke":
        return revocations.hear(head);
      case "typing":
      case "presence":
      case "signed_out":
      case "renamed":
      case "user_changed":
        // Heard by those whom it concerns.
        return undefined;
    }
  });

  return {
    hint,
    message(event, origin) {
      const { chat_id: chatId, seq, version } = event.data;
      const frame = JSON.stringify(event);
      const isForJoined = event.event === "new_message";
      const head: Told<"log"> = { kind: "log", chatId, version, isForJoined, ...(isForJoined && { seq }) };
      tellLog(head, frame, origin);
      bus.publish(chatId, { head, frame });
    },
    read(event, { seq, hasMoved, isNews, isUnmarked, ownVersion }, origin) {
      const { chat_id: chatId, user_id: userId } = event.data;
      const frame = JSON.stringify(event);
      const head: Told<"read"> = { kind: "read", chatId, userId, seq, isNews, ownVersion };
      if (!hasMoved && isUnmarked) own(userId, readOf(chatId, seq, ownVersion));
      if (!hasMoved) return publishTo(publish, [joinedTopic(chatId)], frame, origin);
      tellRead(head, frame, origin);
      return bus.publish(chatId, { head, frame });
    },
    changed(event) {
      const { chat_id: chatId, version } = event;
      const frame = JSON.stringify(event);
      const isMembership = event.event !== "chat_changed";
      const head: Told<"log"> = { kind: "log", chatId, version, isForJoined: false, isMembership };
      tellLog(head, frame);
      bus.publish(chatId, { head, frame });
    },
    added(userIds, chat) {
      const message = additionOf(userIds, chat);
      void tellAdded(message.head, message.frame);
      bus.broadcast(message);
    },
    admit(userIds, chat) {
      const { head, frame } = additionOf(userIds, chat);
      void tellAdded(head, frame);
    },
    async enrol(userId, { chat_id: chatId, seq, version }) {
      const added = await tellAdded({ chatId, userIds: [userId], seq, version });
      // They were taken out in this moment, and whoever was told that they are in hears of that from nobody else.
      if (added?.length === 0) revocations.settle(chatId, [userId]);
    },
    own,
    revoke: (chatId, userIds) => revocations.begin(chatId, userIds),
  };
}
