// The list of chats as a client shows it: pages of summaries, pinned chats first, then the latest activity.
import { z } from "zod";
import { UserInfo } from "./accounts.ts";
import { ChatType } from "./chats.ts";
import { defineEndpoint } from "./endpoint.ts";
import { MessageInfo, Seq } from "./messages.ts";
import { ChatSettings, Draft, OwnVersion } from "./settings.ts";
import { Id, Timestamp, text } from "./text.ts";

const count = z.int().min(0);

export const ChatSummary = z
  .object({
    id: Id,
    type: ChatType,
    name: z.string().meta({ description: "A group's title; of a personal chat, the other person's name." }),
    group_id: Id.nullable(),
    creator_id: Id,
    peer: UserInfo.nullable().meta({ description: "The other person of a personal chat." }),
    member_count: count,
    seq: Seq.meta({ description: "The seq of the newest message; 0 for an empty chat." }),
    version: Seq.meta({
      description: "The chat's count of changes; with `seq` the position to catch up from.",
    }),
    last_activity_at: Timestamp,
    last_message: MessageInfo.nullable(),
    read_seq: Seq.meta({
      description:
        "How far the caller has read: by the read pointer, or by having written; before `settings.unread_from` in any case.",
    }),
    unread_count: count.meta({ description: "Messages after `read_seq` that are not deleted." }),
    mention_count: count.meta({
      description: "Of the unread messages, those that mention the caller; counted up to 100.",
    }),
    own_version: OwnVersion,
    settings: ChatSettings,
    draft: Draft.nullable().meta({ description: "What the caller has written here and not sent." }),
  })
  .meta({ id: "ChatSummary", description: "A chat as the caller sees it in the list of chats." });
export type ChatSummary = z.infer<typeof ChatSummary>;

export const SummariesQuery = z
  .object({
    limit: z.coerce.number().int().min(1).max(1000).default(50).meta({ description: "Chats in a page." }),
    cursor: text(1, 100).optional().meta({ description: "`next_cursor` of the page before." }),
  })
  .meta({ id: "SummariesQuery" });
export type SummariesQuery = z.infer<typeof SummariesQuery>;

export const ChatPage = z
  .object({
    chats: z.array(ChatSummary),
    next_cursor: z.string().nullable().meta({ description: "Null when there are no more chats." }),
  })
  .meta({ id: "ChatPage" });
export type ChatPage = z.infer<typeof ChatPage>;

export const listSummaries = defineEndpoint({
  method: "GET",
  path: "/chats/summaries",
  tag: "chats",
  summary:
    "A page of my chats with last message, unread and mention counts: pinned ones first, then the latest activity",
  auth: "bearer",
  query: SummariesQuery,
  status: 200,
  answer: ChatPage,
  errors: [],
});

export const getSummary = defineEndpoint({
  method: "GET",
  path: "/chats/{chat_id}/summary",
  tag: "chats",
  summary: "One of my chats, as the list shows it",
  auth: "bearer",
  params: z.object({ chat_id: Id }),
  status: 200,
  answer: ChatSummary,
  errors: ["chat_not_found"],
});
