// Messages: sending one, and reading the history of a chat.
import { z } from "zod";
import { UserInfo } from "./accounts.ts";
import { defineEndpoint } from "./endpoint.ts";
import { Id, Timestamp, text } from "./text.ts";

/** 1–4096 characters. */
export const MessageText = text(1, 4096);

/** Chosen by the sender, unique per message: sending again with the same key returns the message that is stored. */
export const IdempotencyKey = text(1, 64);

/** A position in a chat's log: 1, 2, 3, … without holes. */
export const Seq = z.int().min(0).max(2_147_483_647);

/** People whom a text names: at most 50. Who is not a member of the chat is left out. */
export const Mentions = z.array(Id).max(50);

export const MessageInfo = z
  .object({
    id: Id,
    chat_id: Id,
    seq: Seq.meta({
      description: "Position in the chat: 1, 2, 3, … without holes, in the order of commits.",
    }),
    version: Seq.meta({
      description: "The chat's count of changes when this message last changed.",
    }),
    sender: UserInfo,
    text: z.string(),
    created_at: Timestamp,
    is_read: z.boolean().meta({ description: "Has anyone but the sender read it." }),
    read_at: Timestamp.nullable().meta({
      description: "When somebody but the sender first had read it.",
    }),
    idempotency_key: z.string().nullable(),
    mentions: z.array(Id).meta({ description: "Members whom the text names." }),
    edited_at: Timestamp.nullable(),
    deleted_at: Timestamp.nullable().meta({
      description: "A deleted message keeps its place, without text and mentions.",
    }),
  })
  .meta({ id: "MessageInfo" });
export type MessageInfo = z.infer<typeof MessageInfo>;

export const MessageReaders = z
  .object({
    readers: z.array(UserInfo).meta({ description: "At most 100, whoever read last in the chat first." }),
    count: z.int().min(0).meta({ description: "All of them." }),
  })
  .meta({
    id: "MessageReaders",
    description: "Members who have read a message; without its sender, and without those who came later.",
  });
export type MessageReaders = z.infer<typeof MessageReaders>;

export const Place = z
  .object({ seq: Seq.nullable().meta({ description: "Null when all messages are older." }) })
  .meta({ id: "Place" });
export type Place = z.infer<typeof Place>;

export const PlaceQuery = z
  .object({ at: Timestamp.meta({ description: "A moment, in UTC." }) })
  .meta({ id: "PlaceQuery" });

export const SendRequest = z
  .object({ text: MessageText, idempotency_key: IdempotencyKey.nullish(), mentions: Mentions.nullish() })
  .meta({ id: "SendRequest" });

export const EditRequest = z
  .object({ text: MessageText, mentions: Mentions.nullish() })
  .meta({ id: "EditRequest" });

const ChatPath = z.object({ chat_id: Id });
const MessagePath = z.object({ chat_id: Id, message_id: Id });
const position = (description: string) =>
  z.coerce.number().int().min(0).max(2_147_483_647).optional().meta({ description });

/** Where a page of history lies: at most one of `before_seq`, `after_seq`, `around_seq`; else `offset` counts. */
export const HistoryQuery = z
  .object({
    limit: z.coerce.number().int().min(1).max(100).default(50).meta({ description: "Messages in a page." }),
    offset: z.coerce
      .number()
      .int()
      .min(0)
      .max(2_147_483_647)
      .default(0)
      .meta({ description: "How many of the oldest messages to skip." }),
    before_seq: position("The newest messages with a smaller seq; 2147483647 gives the end of the chat."),
    after_seq: position("The oldest messages with a greater seq."),
    around_seq: position("Messages on both sides of this seq, itself included."),
  })
  .refine(
    (query) =>
      [query.before_seq, query.after_seq, query.around_seq].filter((seq) => seq !== undefined).length <= 1,
    "Give at most one of before_seq, after_seq and around_seq",
  )
  .meta({ id: "HistoryQuery", description: "At most one of before_seq, after_seq and around_seq." });
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const getHistory = defineEndpoint({
  method: "GET",
  path: "/messages/history/{chat_id}",
  tag: "messages",
  summary: "A page of a chat's messages, oldest first",
  auth: "bearer",
  params: ChatPath,
  query: HistoryQuery,
  status: 200,
  answer: z.array(MessageInfo),
  errors: ["chat_not_found"],
});

export const sendMessage = defineEndpoint({
  method: "POST",
  path: "/chats/{chat_id}/messages",
  tag: "messages",
  summary: "Send a message; answered when it is committed",
  auth: "bearer",
  params: ChatPath,
  body: SendRequest,
  status: 201,
  answer: MessageInfo,
  errors: ["chat_not_found", "overloaded", "storage_full"],
});

export const editMessage = defineEndpoint({
  method: "PATCH",
  path: "/chats/{chat_id}/messages/{message_id}",
  tag: "messages",
  summary: "Change the text of one's own message",
  auth: "bearer",
  params: MessagePath,
  body: EditRequest,
  status: 200,
  answer: MessageInfo,
  errors: ["not_the_sender", "chat_not_found", "message_not_found", "overloaded", "storage_full"],
});

export const deleteMessage = defineEndpoint({
  method: "DELETE",
  path: "/chats/{chat_id}/messages/{message_id}",
  tag: "messages",
  summary: "Delete one's own message for everyone; its place stays. Again changes nothing",
  auth: "bearer",
  params: MessagePath,
  status: 200,
  answer: MessageInfo,
  errors: ["not_the_sender", "chat_not_found", "message_not_found", "overloaded", "storage_full"],
});

export const getReaders = defineEndpoint({
  method: "GET",
  path: "/chats/{chat_id}/messages/{message_id}/readers",
  tag: "messages",
  summary: "Who has read a message",
  auth: "bearer",
  params: MessagePath,
  status: 200,
  answer: MessageReaders,
  errors: ["chat_not_found", "message_not_found"],
});

export const findPlace = defineEndpoint({
  method: "GET",
  path: "/chats/{chat_id}/place",
  tag: "messages",
  summary: "Where a moment is in a chat: the first message at or after it",
  auth: "bearer",
  params: ChatPath,
  query: PlaceQuery,
  status: 200,
  answer: Place,
  errors: ["chat_not_found"],
});
