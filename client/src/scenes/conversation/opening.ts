// What is known of a chat as it opens: its summary, and from it where to begin.
import { isApiError, type ChatSummary, type Client } from "@windi/sdk";
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

/** Undefined when the server cannot be asked now; the log itself says when the chat is gone. */
export async function askSummary(client: Client, chatId: string): Promise<ChatSummary | undefined> {
  try {
    return await client.call("getSummary", { params: { chat_id: chatId } });
  } catch (error) {
    if (isApiError(error) || error instanceof Error) return undefined;
    throw error;
  }
}
