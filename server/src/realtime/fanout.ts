// From an event to everyone who hears its chat: serialised once, to this node's sockets and over the bus to the others.
import type { MessageWasRead, NewMessage, UserInfo, UserTyping } from "@windi/protocol";
import type { Bus } from "../bus/bus.ts";
import type { Connection } from "./connection.ts";
import { topicOf, type Subscriptions } from "./subscriptions.ts";

/** The connection whose frame caused an event: it gets the event as the answer to that frame. */
export interface Origin {
  connection: Connection;
  requestId: string | undefined;
}

export interface Fanout {
  /** To all who hear the chat, and to the origin in any case. */
  deliver(chatId: string, event: NewMessage | MessageWasRead, origin?: Origin): void;
  /** To all who hear the chat but this user. */
  typing(chatId: string, user: UserInfo): void;
  /** Ends what these people hear of the chat, on every node, from before the change is committed. */
  revoke(chatId: string, userIds: readonly string[]): RevokedChange;
}

/** What becomes of the change for which people were cut off. */
export interface RevokedChange {
  committed(): void;
  /** It was rolled back: the connections that were cut are told to come back, since they may have missed something. */
  undone(): void;
}

interface FanoutNeeds {
  /** To all sockets of this node that follow the topic. */
  publish(topic: string, frame: string): void;
  subscriptions: Subscriptions;
  bus: Bus;
}

export function createFanout({ publish, subscriptions, bus }: FanoutNeeds): Fanout {
  const publishExcept = (userId: string, chatId: string, frame: string) =>
    subscriptions.without(userId, chatId, () => publish(topicOf(chatId), frame));

  bus.listen((message) => {
    if (message.kind === "revoke") subscriptions.revoke(message.chatId, message.userIds).end();
    else if (message.exceptUserId === undefined) publish(topicOf(message.chatId), message.frame);
    else publishExcept(message.exceptUserId, message.chatId, message.frame);
  });

  /** On this node. The origin's own copy goes out in its place in the order, with the id of its request. */
  function deliverHere(chatId: string, frame: string, origin: Origin | undefined): void {
    const topic = topicOf(chatId);
    if (!origin?.connection.isOpen) return publish(topic, frame);
    const { connection, requestId } = origin;
    const isHeard = subscriptions.hears(connection, chatId);
    if (isHeard && requestId === undefined) return publish(topic, frame);
    connection.socket.send(withRequestId(frame, requestId));
    if (isHeard) connection.socket.publishToOthers(topic, frame);
    else publish(topic, frame);
  }

  return {
    deliver(chatId, event, origin) {
      const frame = JSON.stringify(event);
      deliverHere(chatId, frame, origin);
      bus.publish({ kind: "frame", chatId, frame });
    },
    typing(chatId, user) {
      const event: UserTyping = {
        event: "typing",
        chat_id: chatId,
        user_id: user.id,
        user_name: user.name,
      };
      const frame = JSON.stringify(event);
      publishExcept(user.id, chatId, frame);
      bus.publish({ kind: "frame", chatId, frame, exceptUserId: user.id });
    },
    revoke(chatId, userIds) {
      const revocation = subscriptions.revoke(chatId, userIds);
      const tellOthers = () => bus.publish({ kind: "revoke", chatId, userIds });
      tellOthers();
      return {
        committed() {
          revocation.end();
          tellOthers();
        },
        undone() {
          revocation.end();
          for (const connection of revocation.cut) connection.close("restarting");
        },
      };
    },
  };
}

/** Puts the id into a frame that is serialised already: the event's text is the same for everyone. */
const withRequestId = (frame: string, requestId: string | undefined) =>
  requestId === undefined ? frame : `${frame.slice(0, -1)},"request_id":${JSON.stringify(requestId)}}`;
