// The people with whom one has a personal chat, the most recent first; and how a chat with somebody comes to be.
import { isApiError, type Client, type ChatSummary, type UserInfo } from "@windi/sdk";

export const knownPeople = (chats: readonly ChatSummary[]): readonly UserInfo[] =>
  chats.flatMap(({ peer }) => (peer ? [peer] : []));

/** The id of the personal chat with somebody: the one that there is, or another one. */
export async function openPersonalChat(
  client: Pick<Client, "call" | "chats">,
  userId: string,
): Promise<string> {
  const held = client.chats.get().chats.find(({ peer }) => peer?.id === userId);
  if (held) return held.id;
  try {
    return (await client.call("createChat", { body: { user_id: userId } })).id;
  } catch (error) {
    if (!isApiError(error, "chat_exists")) throw error;
    // It is older than what is loaded of the list, or was made just now on another device.
    const all = await client.call("listChats");
    const chat = all.find(
      ({ type, members }) => type === "personal" && members.some(({ user }) => user.id === userId),
    );
    if (!chat) throw error;
    return chat.id;
  }
}
