// The one quiet line under the name of a chat: who is typing, else who is there, else how many they are.
import type { ChatSummary, PresenceState, TypingState } from "@windi/sdk";
import type { Language } from "../../messages/language.ts";

export function describeTyping(
  { say, count, list }: Language,
  typing: TypingState,
  isGroup: boolean,
): string {
  if (typing.count === 0) return "";
  if (!isGroup) return say("typing");
  const names = typing.users.map(({ userName }) => userName);
  if (names.length === 1) return say("typing_one", { name: names[0] ?? "" });
  if (names.length === 0 || names.length > 3) return count("typing_count", typing.count);
  return say("typing_some", { names: list(names) });
}

export function describeChat(
  language: Language,
  chat: Pick<ChatSummary, "type" | "peer" | "member_count">,
  presence: PresenceState,
): string {
  const { say, count, dates } = language;
  if (chat.type === "group") {
    const members = count("members", chat.member_count);
    return presence.onlineCount > 1
      ? `${members}, ${count("members_online", presence.onlineCount)}`
      : members;
  }
  const peer = presence.users.get(chat.peer?.id ?? "");
  if (peer?.isOnline) return say("online");
  return peer?.lastSeenAt ? say("last_seen", { when: dates.full(Date.parse(peer.lastSeenAt)) }) : "";
}
