// Who may do what with a chat, as sentences.
import type { UserInfo } from "@windi/protocol";
import { Failure } from "../failure.ts";

interface Group {
  creator_id: string;
}

/** Only the creator changes a group's title and members, or deletes it. */
export function requireCreator(user: UserInfo, group: Group): void {
  if (group.creator_id !== user.id) throw new Failure("not_the_creator");
}

/** The creator neither leaves nor is removed: the group goes with its creator. */
export function requireOthers(userIds: readonly string[], group: Group): void {
  if (userIds.includes(group.creator_id)) throw new Failure("creator_stays");
}
