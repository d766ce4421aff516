// Frames that the server may send over the WebSocket.
import { z } from "zod";
import { UserInfo } from "./accounts.ts";
import { RequestId } from "./actions.ts";
import { ErrorCode } from "./errors.ts";
import { MessageInfo, Seq } from "./messages.ts";
import { ChatSettings, Draft, OwnVersion } from "./settings.ts";
import { ChatSummary } from "./summaries.ts";
import { Position, SyncAnswer } from "./sync.ts";
import { Id, Timestamp } from "./text.ts";

const echo = { request_id: RequestId.optional() };

export const Joined = z.object({ status: z.literal("joined"), chat_id: Id, ...echo }).meta({ id: "Joined" });
export const Left = z.object({ status: z.literal("left"), chat_id: Id, ...echo }).meta({ id: "Left" });

export const Subscribed = z
  .object({
    status: z.literal("subscribed"),
    chats: z.array(Position).meta({ description: "The latest activity first; 2,000 at most." }),
    is_complete: z.boolean().meta({
      description:
        "Whether these are all; the others are followed too, and their positions are in the list of chats.",
    }),
    ...echo,
  })
  .meta({ id: "Subscribed" });

export const CaughtUp = z
  .object({ status: z.literal("caught_up"), ...SyncAnswer.shape, ...echo })
  .meta({ id: "CaughtUp" });

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

export const MessageChanged = z
  .object({ event: z.literal("message_changed"), data: MessageInfo, ...echo })
  .meta({
    id: "MessageChanged",
    description: "A message was edited or deleted. To all who subscribed, and as the answer to the change.",
  });

const change = { chat_id: Id, version: Seq };
const memberCount = z.int().min(0);

export const ChatChanged = z
  .object({ event: z.literal("chat_changed"), ...change, title: z.string() })
  .meta({ id: "ChatChanged", description: "A group has another title. To all who subscribed." });

export const MembersAdded = z
  .object({
    event: z.literal("members_added"),
    ...change,
    user_ids: z.array(Id),
    member_count: memberCount,
  })
  .meta({ id: "MembersAdded", description: "People joined a group. To all who subscribed." });

export const MembersRemoved = z
  .object({
    event: z.literal("members_removed"),
    ...change,
    user_ids: z.array(Id),
    member_count: memberCount,
  })
  .meta({ id: "MembersRemoved", description: "People left a group or were removed. To all who subscribed." });

export const PositionHint = z
  .object({ event: z.literal("position"), ...Position.shape, own_version: OwnVersion.optional() })
  .meta({
    id: "PositionHint",
    description:
      "The chat is at least here. Whoever is behind has missed something: `catch_up`. With `own_version`: so many of the user's own changes of this chat there were; whoever was not told of all asks for its summary.",
  });

export const ChatAdded = z.object({ event: z.literal("chat_added"), chat: ChatSummary }).meta({
  id: "ChatAdded",
  description: "The user is in another chat now. To each who subscribed as this user.",
});

export const ChatRemoved = z
  .object({ event: z.literal("chat_removed"), chat_id: Id })
  .meta({ id: "ChatRemoved", description: "The user left, was removed, or the chat is deleted." });

export const ChatRead = z
  .object({ event: z.literal("chat_read"), chat_id: Id, read_seq: Seq, own_version: OwnVersion })
  .meta({ id: "ChatRead", description: "The user has read this chat so far, on whatever device." });

export const ChatSettingsChanged = z
  .object({
    event: z.literal("chat_settings"),
    chat_id: Id,
    own_version: OwnVersion,
    settings: ChatSettings,
  })
  .meta({
    id: "ChatSettingsChanged",
    description: "The user has pinned, muted or marked this chat, on whatever device.",
  });

export const UserChanged = z.object({ event: z.literal("user_changed"), user: UserInfo }).meta({
  id: "UserChanged",
  description:
    "Somebody has another name or address. To all who subscribed and share a chat with them; it may come more than once.",
});

export const DraftChanged = z
  .object({ event: z.literal("draft"), chat_id: Id, own_version: OwnVersion, draft: Draft.nullable() })
  .meta({
    id: "DraftChanged",
    description: "The user has written here and not sent it, on whatever device.",
  });

export const Presence = z
  .object({
    event: z.literal("presence"),
    chat_id: Id,
    online_count: z.int().min(0).meta({ description: "Members who are online, as far as they show it." }),
    users: z
      .array(z.object({ user_id: Id, is_online: z.boolean(), last_seen_at: Timestamp.nullable() }))
      .meta({ description: "Those who changed; all at first. Empty in a chat of more than 100 members." }),
  })
  .meta({ id: "Presence", description: "Who is online. To those who look at the chat." });

export const UserTyping = z
  .object({
    event: z.literal("typing"),
    chat_id: Id,
    user_id: Id,
    user_name: z.string(),
    expires_in_ms: z
      .int()
      .optional()
      .meta({ description: "When to stop showing it, unless it comes again." }),
  })
  .meta({ id: "UserTyping", description: "Somebody else is writing. Shown for a few seconds." });

export const ManyTyping = z
  .object({
    event: z.literal("many_typing"),
    chat_id: Id,
    count: z.int().min(0),
    expires_in_ms: z.int(),
  })
  .meta({ id: "ManyTyping", description: "More people are writing than are worth naming." });

export const ComeBack = z.object({ event: z.literal("come_back"), after_ms: z.int().min(0) }).meta({
  id: "ComeBack",
  description: "The server is about to close this connection: open another after this time.",
});

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

export const ServerFrame = z.union([
  Subscribed,
  CaughtUp,
  Joined,
  Left,
  NewMessage,
  MessageChanged,
  MessageWasRead,
  ChatChanged,
  MembersAdded,
  MembersRemoved,
  PositionHint,
  ChatAdded,
  ChatRemoved,
  ChatRead,
  UserChanged,
  ChatSettingsChanged,
  DraftChanged,
  Presence,
  UserTyping,
  ManyTyping,
  ComeBack,
  ErrorFrame,
]);
export type ServerFrame = z.infer<typeof ServerFrame>;
export type Subscribed = z.infer<typeof Subscribed>;
export type CaughtUp = z.infer<typeof CaughtUp>;
export type MessageChanged = z.infer<typeof MessageChanged>;
export type ChatChanged = z.infer<typeof ChatChanged>;
export type MembersAdded = z.infer<typeof MembersAdded>;
export type MembersRemoved = z.infer<typeof MembersRemoved>;
export type PositionHint = z.infer<typeof PositionHint>;
export type ChatAdded = z.infer<typeof ChatAdded>;
export type ChatRemoved = z.infer<typeof ChatRemoved>;
export type ChatRead = z.infer<typeof ChatRead>;
export type ChatSettingsChanged = z.infer<typeof ChatSettingsChanged>;
export type UserChanged = z.infer<typeof UserChanged>;
export type DraftChanged = z.infer<typeof DraftChanged>;
export type Presence = z.infer<typeof Presence>;
export type ManyTyping = z.infer<typeof ManyTyping>;
export type ComeBack = z.infer<typeof ComeBack>;
export type NewMessage = z.infer<typeof NewMessage>;
export type MessageWasRead = z.infer<typeof MessageWasRead>;
export type UserTyping = z.infer<typeof UserTyping>;
export type ErrorFrame = z.infer<typeof ErrorFrame>;
