// What the rules of chats tell the world of: a change of a chat, people who are in it now, people who are out.
import type {
  ChatChanged,
  ChatRead,
  ChatSettingsChanged,
  ChatSummary,
  DraftChanged,
  MembersAdded,
  MembersRemoved,
} from "@windi/protocol";

/** What happened to a chat as a whole: its title or its membership is another, as of `version`. */
export type ChatNewsEvent = ChatChanged | MembersAdded | MembersRemoved;

/** What a person has changed for themself. */
export type OwnEvent = ChatRead | ChatSettingsChanged | DraftChanged;

export interface OwnNews {
  /** Committed: to all devices of the user. */
  own(userId: string, event: OwnEvent): void;
}

export interface ChatNews {
  /**
   * Ends what these people hear of the chat. Called while the chat is locked and before the commit, so that what is
   * committed later does not reach them; then told how it ended.
   */
  revoke(chatId: string, userIds: readonly string[]): Revocation;
  /** Committed: to all who follow the chat. */
  changed(event: ChatNewsEvent): void;
  /** Committed: these people are in the chat now, and see it so. */
  added(userIds: readonly string[], chat: ChatSummary): void;
}

/** What becomes of the change for which people were cut off. */
export interface Revocation {
  /** They are out: their devices are told so. */
  committed(): void;
  /** It was rolled back: they may have missed something. */
  undone(): void;
}
