// What a client's frames do: each action carried out by the rules, and its answer if no event answers it.
import type { ActionName, ClientFrame, ServerFrame } from "@windi/protocol";
import type { Chats } from "../chats/chats.ts";
import { Failure } from "../failure.ts";
import { catchUpCost, subscribeCost, type LimitName } from "../http/limits.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { Messages } from "../messages/messages.ts";
import type { Reads } from "../messages/reads.ts";
import type { Sync } from "../messages/sync.ts";
import type { Origin } from "./audience.ts";
import type { Connection } from "./connection.ts";
import type { Fanout } from "./fanout.ts";
import type { Positions } from "./positions.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Typing } from "../presence/typing.ts";

interface ActionsNeeds {
  chats: Chats;
  messages: Messages<Origin | undefined>;
  reads: Reads;
  sync: Sync;
  positions: Positions;
  subscriptions: Subscriptions;
  fanout: Fanout;
  typing: Typing;
  rateLimiter: RateLimiter;
}

type FrameOf<Action extends ActionName> = Extract<ClientFrame, { action: Action }>;

/** Answers with the frame for the one who asked; undefined where an event is the answer, or there is none. */
export type Perform = (
  connection: Connection,
  frame: ClientFrame,
  origin: Origin,
) => Promise<ServerFrame | undefined>;

type Actions = {
  [Action in ActionName]: (
    connection: Connection,
    frame: FrameOf<Action>,
    origin: Origin,
  ) => Promise<ServerFrame | undefined>;
};

/** Positions in the answer to `subscribe`: 2,000 are some 200 kB, below what may wait for a reader. */
const maxPositions = 2000;

export function createPerform(needs: ActionsNeeds): Perform {
  const { chats, messages, reads, sync, positions, subscriptions, fanout, typing, rateLimiter } = needs;

  function limit(name: LimitName, key: string, cost?: number): void {
    const verdict = rateLimiter.take(name, key, cost);
    if (verdict?.isAllowed === false)
      throw new Failure("rate_limited", { retryAfterSeconds: verdict.retryAfterMs / 1000 });
  }

  async function requireMember(connection: Connection, chatId: string): Promise<void> {
    // Who hears a chat is a member: being taken out of it ends the hearing.
    if (subscriptions.hears(connection, chatId)) return;
    limit("join", connection.user.id);
    if (!(await chats.isMember(connection.user.id, chatId))) throw new Failure("chat_not_found");
  }

  const actions: Actions = {
    async subscribe(connection) {
      const { id } = connection.user;
      limit("sync", id, subscribeCost);
      const all = await subscriptions.subscribe(connection, () => positions.read(id));
      return {
        status: "subscribed",
        chats: all.slice(0, maxPositions),
        is_complete: all.length <= maxPositions,
      };
    },

    async catch_up(connection, frame) {
      const { id } = connection.user;
      limit("sync", id, catchUpCost(frame.chats.length));
      const answer = await sync.catchUp(id, frame.chats);
      if (connection.isSubscribed) {
        for (const chat of answer.chats)
          if (chat.outcome !== "gone" && !subscriptions.hears(connection, chat.chat_id))
            void fanout.enrol(id, chat);
      }
      return { status: "caught_up", ...answer };
    },

    async join_chat(connection, { chat_id }) {
      limit("join", connection.user.id);
      const isMember = () => chats.isMember(connection.user.id, chat_id);
      if (!(await subscriptions.join(connection, chat_id, isMember))) throw new Failure("chat_not_found");
      return { status: "joined", chat_id };
    },

    leave_chat(connection, { chat_id }) {
      subscriptions.leave(connection, chat_id);
      return Promise.resolve({ status: "left", chat_id });
    },

    async send_message({ user }, { chat_id, text, idempotency_key, mentions }, origin) {
      limit("send_chat", `${user.id} ${chat_id}`);
      limit("send", user.id);
      const keys = { idempotencyKey: idempotency_key ?? null, mentions: mentions ?? [] };
      const { message, isNew } = await messages.send(
        { chatId: chat_id, sender: user, text, ...keys },
        origin,
      );
      // A new message is answered by its event, in its place in the order; a repeated one by itself.
      return isNew ? undefined : { event: "new_message", data: message };
    },

    async edit_message({ user }, { chat_id, message_id, text, mentions }, origin) {
      limit("send_chat", `${user.id} ${chat_id}`);
      limit("send", user.id);
      const change = { chatId: chat_id, messageId: message_id, user, text, mentions: mentions ?? [] };
      const { message, isChanged } = await messages.edit(change, origin);
      return isChanged ? undefined : { event: "message_changed", data: message };
    },

    async delete_message({ user }, { chat_id, message_id }, origin) {
      limit("send", user.id);
      const removal = { chatId: chat_id, messageId: message_id, user };
      const { message, isChanged } = await messages.remove(removal, origin);
      return isChanged ? undefined : { event: "message_changed", data: message };
    },

    async message_read({ user }, { chat_id, message_id }, origin) {
      limit("read", user.id);
      const move = await reads.read({ chatId: chat_id, userId: user.id, messageId: message_id });
      const data = { chat_id, message_id, user_id: user.id, read_at: new Date(move.readAtMs).toISOString() };
      fanout.read({ event: "message_read", data }, move, origin);
      return undefined;
    },

    async typing(connection, { chat_id }) {
      await requireMember(connection, chat_id);
      // Too much of it is not worth an answer.
      if (rateLimiter.take("typing", `${connection.user.id} ${chat_id}`)?.isAllowed !== false)
        typing.wrote(chat_id, connection.user);
      return undefined;
    },
  };

  return (connection, frame, origin) => {
    // The table has for each action what takes its frames; the compiler cannot follow that through a union.
    const perform = actions[frame.action] as (...parameters: Parameters<Perform>) => ReturnType<Perform>;
    return perform(connection, frame, origin);
  };
}
