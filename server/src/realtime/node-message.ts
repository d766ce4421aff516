// What nodes tell each other over the bus.
import type { UserInfo } from "@windi/protocol";
import type { PresenceHead } from "../presence/news.ts";
import type { TypingHead } from "../presence/typing.ts";

export type NodeMessage =
  /** A change of a chat's log, which is at this position now; `frame` is for all who follow it. */
  | {
      kind: "log";
      chatId: string;
      seq?: number;
      version: number;
      isForJoined: boolean;
      /** People joined the chat or left it. */
      isMembership?: boolean;
    }
  /** Somebody read up to `seq`; `frame` is for those whom it concerns. */
  | { kind: "read"; chatId: string; userId: string; seq: number; isNews: boolean; ownVersion: number }
  /** A person has changed something for themself; `frame` is for all devices of this person. */
  | { kind: "own"; chatId: string; userId: string }
  /** These sessions of the user are over, and what was opened without one under an older password. */
  | { kind: "signed_out"; userId: string; sessionIds: readonly string[]; passwordVersion?: number }
  /** Somebody has another name or address: for the node that this person is connected to. */
  | { kind: "renamed"; user: UserInfo }
  /** The same; `frame` is for all who follow this chat, of which this person is a member. */
  | { kind: "user_changed"; chatId: string }
  | TypingHead
  | PresenceHead
  /** These people are in the chat now, which is at this position; `frame` tells them. */
  | { kind: "added"; chatId: string; userIds: readonly string[]; seq: number; version: number }
  /** These people are being taken out of the chat: hold what they hear, until a message with the same id says how that ends. */
  | { kind: "revoke"; id: string; chatId: string; userIds: readonly string[]; phase: RevocationPhase };

/** Ids in one message: some 400 kB, where NATS takes 1 MiB; of more there are several messages. */
export const maxUserIds = 10_000;

export type RevocationPhase = "begun" | "committed" | "undone";
