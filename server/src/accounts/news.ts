// What accounts tell the world of, as a port: called when it is committed.
import type { UserInfo } from "@windi/protocol";

export interface AccountNews {
  /** These sessions of the user are over. */
  sessionsEnded(userId: string, sessionIds: readonly string[]): void;
  /** Tokens of before this version of the password are over. */
  passwordChanged(userId: string, passwordVersion: number): void;
  /** Whether this person shows presence is another than before. */
  presenceSwitched(userId: string): void;
  /** Somebody has another name or address. */
  userChanged(user: UserInfo): void;
}
