// The chats that I am in, the one with the latest activity first.
import type { ChatInfo } from "@windi/protocol";
import { createChat, type Chat } from "./chat.ts";

export function createChatList(myId: string) {
  const chats = new Map<string, Chat>();
  let order: string[] = [];
  let isLoaded = false;

  return {
    /** False until the server has told the chats once. */
    isLoaded: () => isLoaded,
    get: (chatId: string) => chats.get(chatId),
    all: (): Chat[] => order.map((id) => chats.get(id)).filter((chat) => chat !== undefined),
    /** Takes the server's list as the truth, and says what came and what went. */
    replace(infos: readonly ChatInfo[]): { added: Chat[]; removed: Chat[] } {
      const added: Chat[] = [];
      for (const info of infos) {
        const known = chats.get(info.id);
        if (known) known.info = info;
        else {
          const chat = createChat(info, myId);
          chats.set(info.id, chat);
          added.push(chat);
        }
      }
      order = infos.map((info) => info.id);
      const listed = new Set(order);
      const removed = [...chats.values()].filter((chat) => !listed.has(chat.id));
      for (const chat of removed) chats.delete(chat.id);
      isLoaded = true;
      return { added, removed };
    },
    /** Something happened in this chat just now. */
    raise(chatId: string): void {
      if (order[0] !== chatId && chats.has(chatId)) order = [chatId, ...order.filter((id) => id !== chatId)];
    },
  };
}

export type ChatList = ReturnType<typeof createChatList>;
