// Who may do what with a chat, as sentences.
import type { UserInfo } from "@windi/protocol";
import { Failure } from "../failure.ts";

/** Only the creator changes a group's members or deletes it. */
export function requireCreator(user: UserInfo, group: { creator_id: string }): void {
  if (group.creator_id !== user.id) throw new Failure("not_the_creator");
}
