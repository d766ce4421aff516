// People: those in a chat, and those who can be found.
import type { Observable, UserInfo } from "@windi/sdk";

export interface People {
  /** By the beginning of a word of the name among those whom one shares a chat with, or by a whole address. */
  find(query: string, options?: { signal?: AbortSignal; limit?: number }): Promise<readonly UserInfo[]>;
  /** A chat's members, oneself included, by name; current while somebody is subscribed. Empty until they are here. */
  members(chatId: string): Observable<readonly UserInfo[]>;
}
