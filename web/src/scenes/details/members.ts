// In which order a group's people are shown.
import type { PresenceOf, UserInfo } from "@windi/sdk";

/** Its creator, then those who are online, then the others; each by name, as they come. */
export function sortMembers(
  members: readonly UserInfo[],
  presence: ReadonlyMap<string, PresenceOf>,
  creatorId: string,
): readonly UserInfo[] {
  const rankOf = ({ id }: UserInfo) => (id === creatorId ? 0 : presence.get(id)?.isOnline ? 1 : 2);
  return members.toSorted((a, b) => rankOf(a) - rankOf(b));
}
