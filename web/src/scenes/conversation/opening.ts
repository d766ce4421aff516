// What is known of a chat as it opens: its summary, and from it where to begin.
import { isFailure, type ChatSummary, type Client } from "@windi/sdk";
import { chooseTarget, type KeptPlace, type Target } from "./place.ts";

export interface Opening {
  readonly target: Target;
  /** Seq of the message under the unread line. */
  readonly unreadFrom: number | undefined;
}

export function chooseOpening(
  chat: Pick<ChatSummary, "read_seq" | "unread_count"> | undefined,
  seq: number | undefined,
  kept: KeptPlace | undefined,
): Opening {
  const unreadFrom = chat && chat.unread_count > 0 ? chat.read_seq + 1 : undefined;
  return { target: chooseTarget({ seq, unreadFrom, kept }), unreadFrom };
}

/**
 * From the list as soon as the chat is in it, or from the server. Undefined when that cannot be asked now; when the chat is
 * gone, its log says so.
 */
export function findSummary(
  client: Pick<Client, "call" | "chats">,
  chatId: string,
): Promise<ChatSummary | undefined> {
  return new Promise((resolve, reject) => {
    let stop = () => {};
    const finish = (chat: ChatSummary | undefined) => {
      resolve(chat);
      stop();
    };
    stop = client.chats.subscribe(() => {
      const chat = client.chats.find(chatId);
      if (chat) finish(chat);
    });
    client.call("getSummary", { params: { chat_id: chatId } }).then(finish, (error: unknown) => {
      if (isFailure(error)) finish(undefined);
      else reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
}
