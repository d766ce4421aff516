// Another name or address of somebody: to all who share a chat with them, and to their own connections on every node.
import type { UserChanged, UserInfo } from "@windi/protocol";
import type { Bus } from "../bus/bus.ts";
import type { Publish } from "./audience.ts";
import type { NodeMessage } from "./node-message.ts";
import { slices } from "./slices.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { logTopic } from "./topics.ts";

export interface UserChanges {
  /** It is committed. */
  userChanged(user: UserInfo): void;
  /** Nobody told this node: from now on the user's connections here send under this name. */
  renamed(user: UserInfo): void;
}

interface UserChangesNeeds {
  publish: Publish;
  subscriptions: Pick<Subscriptions, "of">;
  bus: Pick<Bus<NodeMessage>, "publish" | "broadcast" | "listen">;
  chatsOf(userId: string): Promise<string[]>;
  /** The others see it when they read a list or a message. */
  onFault(error: unknown): void;
  /** Lets others have their turn. */
  pause(): Promise<void>;
}

/** Chats that are told in one go. */
const slice = 200;

export function createUserChanges(needs: UserChangesNeeds): UserChanges {
  const { publish, subscriptions, bus, chatsOf, onFault, pause } = needs;

  function renamed(user: UserInfo): void {
    for (const connection of subscriptions.of(user.id)) {
      connection.user = user;
      if (connection.isSubscribed) connection.answer({ event: "user_changed", user });
    }
  }

  async function tellOthers(user: UserInfo): Promise<void> {
    const frame = JSON.stringify({ event: "user_changed", user } satisfies UserChanged);
    for (const chatIds of slices(await chatsOf(user.id), slice)) {
      for (const chatId of chatIds) {
        publish(logTopic(chatId), frame);
        bus.publish(chatId, { head: { kind: "user_changed", chatId }, frame });
      }
      await pause();
    }
  }

  bus.listen(({ head, frame = "" }) => {
    if (head.kind === "renamed") renamed(head.user);
    if (head.kind === "user_changed") publish(logTopic(head.chatId), frame);
  });

  return {
    renamed,
    userChanged(user) {
      renamed(user);
      bus.broadcast({ head: { kind: "renamed", user } });
      void tellOthers(user).catch(onFault);
    },
  };
}
