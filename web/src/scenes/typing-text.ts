// The line that says who is typing in a chat.
import type { Language } from "../messages/language.ts";
import type { Chat } from "../state/chat.ts";
import type { Messenger } from "../state/messenger.ts";

/** Undefined when nobody is; in a personal chat it goes without saying who. */
export function describeTyping(language: Language, messenger: Messenger, chat: Chat): string | undefined {
  const names = messenger.typists(chat);
  const [first] = names;
  if (first === undefined) return undefined;
  if (chat.info.type === "personal") return language.say("typing");
  if (names.length === 1) return language.say("typing_one", { name: first });
  return language.say("typing_some", { names: language.list(names) });
}
