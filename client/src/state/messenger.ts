// What a signed-in person works with: the connection, chats, drafts and people, made together and ended together.
import type { Client, MyProfile, Observable, UserInfo } from "@windi/sdk";
import type { Drafts } from "./drafts.ts";
import type { People } from "./people.ts";

export interface Messenger extends Disposable {
  readonly client: Client;
  readonly me: Observable<MyProfile>;
  readonly drafts: Drafts;
  readonly people: People;
  /** Who has read a message, as far as there is room to name them, and how many have. */
  readers(
    chatId: string,
    messageId: string,
  ): Promise<{ readonly readers: readonly UserInfo[]; readonly count: number }>;
  /** Seq of the first message at or after a moment; null when there is none. */
  placeAt(chatId: string, moment: Date): Promise<number | null>;
  close(): void;
}
