// Frames that a client may send over the WebSocket. Each may carry a request_id, which its answer echoes.
import { z } from "zod";
import type { ErrorCode } from "./errors.ts";
import { IdempotencyKey, Mentions, MessageText } from "./messages.ts";
import { SyncRequest } from "./sync.ts";
import { Id, text } from "./text.ts";

/** Chosen by the client; comes back in the frame that answers. */
export const RequestId = text(1, 64);
const frame = { request_id: RequestId.nullish() };

export const Subscribe = z.object({ action: z.literal("subscribe"), ...frame }).meta({
  id: "Subscribe",
  description:
    "From now on this connection follows all chats of its user, those joined later included. Answer: `subscribed` " +
    "with the position of each: ask `catch_up` for those that are further than what the client has.",
});

export const CatchUp = z.object({ action: z.literal("catch_up"), ...SyncRequest.shape, ...frame }).meta({
  id: "CatchUp",
  description: "What changed since the positions that the client has. Answer: `caught_up`.",
});

export const JoinChat = z.object({ action: z.literal("join_chat"), chat_id: Id, ...frame }).meta({
  id: "JoinChat",
  description:
    "From now on this connection hears the chat's events. After `subscribe`: its user looks at this chat, and hears " +
    "its typing and presence too. Answer: `joined`.",
});

export const LeaveChat = z
  .object({ action: z.literal("leave_chat"), chat_id: Id, ...frame })
  .meta({ id: "LeaveChat", description: "No more of the chat's events. Answer: `left`." });

export const SendMessage = z
  .object({
    action: z.literal("send_message"),
    chat_id: Id,
    text: MessageText,
    idempotency_key: IdempotencyKey.nullish(),
    mentions: Mentions.nullish(),
    ...frame,
  })
  .meta({
    id: "SendMessage",
    description:
      "Answered, once the message is committed, by `new_message`; the same key again makes no second one.",
  });

export const EditMessage = z
  .object({
    action: z.literal("edit_message"),
    chat_id: Id,
    message_id: Id,
    text: MessageText,
    mentions: Mentions.nullish(),
    ...frame,
  })
  .meta({
    id: "EditMessage",
    description: "Changes the text of one's own message. Answer: the event `message_changed`.",
  });

export const DeleteMessage = z
  .object({ action: z.literal("delete_message"), chat_id: Id, message_id: Id, ...frame })
  .meta({
    id: "DeleteMessage",
    description: "Deletes one's own message for everyone. Answer: the event `message_changed`.",
  });

export const MessageRead = z
  .object({ action: z.literal("message_read"), chat_id: Id, message_id: Id, ...frame })
  .meta({
    id: "MessageRead",
    description: "Everything up to this message is read. Answer: the event `message_read`.",
  });

export const Typing = z.object({ action: z.literal("typing"), chat_id: Id, ...frame }).meta({
  id: "Typing",
  description: "Others who joined hear `typing`. Has no answer unless it is refused.",
});

export const ClientFrame = z.discriminatedUnion("action", [
  Subscribe,
  CatchUp,
  JoinChat,
  LeaveChat,
  SendMessage,
  EditMessage,
  DeleteMessage,
  MessageRead,
  Typing,
]);
export type ClientFrame = z.infer<typeof ClientFrame>;
export type ActionName = ClientFrame["action"];

/** Action → schema, and the errors that it may be answered with besides `invalid_request` and the common ones. */
export const actions = {
  subscribe: { schema: Subscribe, errors: ["overloaded"] },
  catch_up: { schema: CatchUp, errors: ["overloaded"] },
  join_chat: { schema: JoinChat, errors: ["chat_not_found"] },
  leave_chat: { schema: LeaveChat, errors: [] },
  send_message: { schema: SendMessage, errors: ["chat_not_found", "overloaded", "storage_full"] },
  edit_message: {
    schema: EditMessage,
    errors: ["not_the_sender", "chat_not_found", "message_not_found", "overloaded", "storage_full"],
  },
  delete_message: {
    schema: DeleteMessage,
    errors: ["not_the_sender", "chat_not_found", "message_not_found", "overloaded", "storage_full"],
  },
  message_read: {
    schema: MessageRead,
    errors: ["chat_not_found", "message_not_found", "overloaded", "storage_full"],
  },
  typing: { schema: Typing, errors: ["chat_not_found"] },
} as const satisfies Record<ActionName, { schema: z.ZodType; errors: readonly ErrorCode[] }>;
