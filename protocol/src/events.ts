// Frames that the server may send over the WebSocket.
import { z } from "zod";
import { RequestId } from "./actions.ts";
import { ErrorCode } from "./errors.ts";
import { MessageInfo } from "./messages.ts";
import { Id, Timestamp } from "./text.ts";

const echo = { request_id: RequestId.optional() };

export const Joined = z.object({ status: z.literal("joined"), chat_id: Id, ...echo }).meta({ id: "Joined" });
export const Left = z.object({ status: z.literal("left"), chat_id: Id, ...echo }).meta({ id: "Left" });

export const NewMessage = z.object({ event: z.literal("new_message"), data: MessageInfo, ...echo }).meta({
  id: "NewMessage",
  description: "A message is committed. To all who joined, the sender included.",
});

export const MessageWasRead = z
  .object({
    event: z.literal("message_read"),
    data: z.object({ chat_id: Id, message_id: Id, user_id: Id, read_at: Timestamp }),
    ...echo,
  })
  .meta({ id: "MessageWasRead", description: "Somebody has read everything up to this message." });

export const UserTyping = z
  .object({ event: z.literal("typing"), chat_id: Id, user_id: Id, user_name: z.string() })
  .meta({ id: "UserTyping", description: "Somebody else is writing. Shown for a few seconds." });

export const ErrorFrame = z
  .object({
    error: z.string(),
    code: ErrorCode,
    retry_after_ms: z.int().optional().meta({ description: "When the same frame may be sent again." }),
    ...echo,
  })
  .meta({
    id: "ErrorFrame",
    description: "What a frame was refused for; the connection stays usable.",
  });

export const ServerFrame = z.union([Joined, Left, NewMessage, MessageWasRead, UserTyping, ErrorFrame]);
export type ServerFrame = z.infer<typeof ServerFrame>;
export type NewMessage = z.infer<typeof NewMessage>;
export type MessageWasRead = z.infer<typeof MessageWasRead>;
export type UserTyping = z.infer<typeof UserTyping>;
export type ErrorFrame = z.infer<typeof ErrorFrame>;
