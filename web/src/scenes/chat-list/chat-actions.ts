// What a person does with a chat as a whole, and what they read when that is refused.
import type { Client, ChatSummary } from "@windi/sdk";
import { describeFailure } from "../../messages/failure.ts";
import type { Language } from "../../messages/language.ts";
import type { Notices } from "../../state/notices.ts";

export interface ChatActions {
  pin(chat: ChatSummary, isPinned: boolean): Promise<boolean>;
  /** @param hours `Infinity`: for good; 0: not muted */
  mute(chat: ChatSummary, hours: number): Promise<boolean>;
  markRead(chat: ChatSummary): void;
  markUnread(chat: ChatSummary): Promise<boolean>;
  /** Whether it is done; so for all of these. */
  leave(chat: ChatSummary): Promise<boolean>;
  remove(chat: ChatSummary): Promise<boolean>;
}

interface ChatActionsNeeds {
  client: {
    call: Client["call"];
    chats: Pick<Client["chats"], "markRead" | "changeSettings">;
  };
  notices: Pick<Notices, "tell" | "fault">;
  language: Pick<Language, "say" | "dates">;
  now: () => number;
}

const forGood = "9999-12-31T23:59:59.999Z";
const hourMs = 3_600_000;

export function createChatActions({ client, notices, language, now }: ChatActionsNeeds): ChatActions {
  const { say } = language;
  const { call, chats } = client;

  async function attempt(act: () => Promise<unknown>, done?: () => string): Promise<boolean> {
    try {
      await act();
    } catch (error) {
      notices.fault(describeFailure(language, error));
      return false;
    }
    if (done) notices.tell(done());
    return true;
  }

  const groupOf = ({ group_id, id }: ChatSummary) => ({ params: { group_id: group_id ?? id } });

  return {
    pin: ({ id }, isPinned) => attempt(() => chats.changeSettings(id, { is_pinned: isPinned })),
    mute({ id }, hours) {
      const until = hours === Infinity ? forGood : new Date(now() + hours * hourMs).toISOString();
      return attempt(() => chats.changeSettings(id, { muted_until: hours === 0 ? null : until }));
    },
    markRead({ id, read_seq, seq, settings }) {
      if (read_seq < seq) chats.markRead(id);
      // An empty chat has nothing to read but its mark.
      else if (settings.unread_from !== null)
        void attempt(() => chats.changeSettings(id, { unread_from: null }));
    },
    markUnread: ({ id, seq }) => attempt(() => chats.changeSettings(id, { unread_from: Math.max(1, seq) })),
    leave: (chat) =>
      attempt(
        () => call("leaveGroup", groupOf(chat)),
        () => say("left_group", { name: chat.name }),
      ),
    remove: (chat) =>
      attempt(
        () => call("deleteGroup", groupOf(chat)),
        () => say("deleted_group", { name: chat.name }),
      ),
  };
}
