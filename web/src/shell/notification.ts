// What a notification says of a chat's newest message; the next one of the same chat takes its place.
import type { Language } from "../messages/language.ts";
import type { News } from "../state/quiet.ts";
import { addressOf } from "../state/route.ts";
import type { Updates } from "./worker.ts";

/** Systems cut what is longer, some in the middle of a word. */
const mostCharacters = 160;

export function notificationOf({ chat, message }: News, { say, code }: Pick<Language, "say" | "code">) {
  const text = shorten(message.text.replace(/\s+/gu, " ").trim());
  const name = chat.name.trim() || message.sender.name;
  return {
    title: name,
    body: chat.type === "group" ? `${say("someone_says", { name: message.sender.name })} ${text}` : text,
    tag: chat.id,
    lang: code,
    icon: "/static/icon-192.png",
    // The sound is the page's own: one for a burst.
    silent: true,
    data: { address: addressOf({ scene: "chat", chatId: chat.id, seq: message.seq }) },
  };
}

function shorten(text: string): string {
  const characters = Array.from(text);
  return characters.length <= mostCharacters ? text : `${characters.slice(0, mostCharacters - 1).join("")}…`;
}

/** Of one chat, by its tag, or all of them. */
export async function closeNotifications(
  registration: Updates["registration"],
  chat?: { readonly tag: string },
): Promise<void> {
  for (const notification of (await (await registration)?.getNotifications(chat)) ?? []) notification.close();
}
