// Catching up: what changed in chats since the positions that a client has. All of a chat's gap, or none of it.
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { MessageInfo, Seq } from "./messages.ts";
import { Id } from "./text.ts";

/** Greatest number of chats in one request. */
export const maxChatsPerSync = 100;
/** A gap of more changes, or of more bytes of JSON, is answered by `resync`. */
export const maxChanges = 200;
export const maxChangedBytes = 160 * 1024;

export const Position = z
  .object({ chat_id: Id, seq: Seq, version: Seq })
  .meta({ id: "Position", description: "Where a chat's log is: its newest message, its count of changes." });
export type Position = z.infer<typeof Position>;

export const SyncRequest = z
  .object({ chats: z.array(Position).min(1).max(maxChatsPerSync) })
  .meta({ id: "SyncRequest", description: "Up to where the client has these chats." });
export type SyncRequest = z.infer<typeof SyncRequest>;

export const ChatChanges = z
  .discriminatedUnion("outcome", [
    z.object({
      outcome: z.literal("changes"),
      ...Position.shape,
      messages: z.array(MessageInfo).meta({
        description: "Every message that is new, edited or deleted since, in the order of version.",
      }),
      is_info_changed: z
        .boolean()
        .meta({ description: "The title or the membership changed too: ask for the chat's summary again." }),
    }),
    z.object({ outcome: z.literal("resync"), ...Position.shape }).meta({
      description: "Too much to send, or a version that this server never reached: read the history again.",
    }),
    z
      .object({ outcome: z.literal("gone"), chat_id: Id })
      .meta({ description: "The caller is not in this chat, or there is none." }),
  ])
  .meta({ id: "ChatChanges" });
export type ChatChanges = z.infer<typeof ChatChanges>;

export const SyncAnswer = z
  .object({
    chats: z.array(ChatChanges),
    deferred: z.array(Id).meta({ description: "Did not fit into this answer: ask again for these." }),
  })
  .meta({ id: "SyncAnswer" });
export type SyncAnswer = z.infer<typeof SyncAnswer>;

export const sync = defineEndpoint({
  method: "POST",
  path: "/sync",
  tag: "messages",
  summary: "What changed in chats since the positions that I have",
  auth: "bearer",
  body: SyncRequest,
  status: 200,
  answer: SyncAnswer,
  errors: ["overloaded"],
});
