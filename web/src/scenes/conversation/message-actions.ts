// Does what a person asks for with a message, and tells how it went.
import type { Client, MessageInfo } from "@windi/sdk";
import { describeFailure } from "../../messages/failure.ts";
import type { Language } from "../../messages/language.ts";
import { copyText } from "../../parts/copy-text.ts";
import type { Notices } from "../../state/notices.ts";
import { addressOf } from "../../state/route.ts";
import type { ActionName } from "./actions.ts";
import { undoMs, type LocalChanges } from "./local-changes.ts";
import type { Row } from "./rows.ts";

interface MessageActionsNeeds {
  chatId: string;
  client: Pick<Client, "call" | "outbox">;
  changes: LocalChanges;
  language: Language;
  notices: Notices;
  /** The address of the page. */
  pageUrl: () => string;
  writeText: (text: string) => Promise<void>;
  onEdit: (row: Row) => void;
  onReaders: (message: MessageInfo) => void;
  /** Nothing counts as read any more. */
  onUnread: (seq: number) => void;
}

export function createMessageActions(needs: MessageActionsNeeds): (name: ActionName, row: Row) => void {
  const { chatId, client, changes, language, notices } = needs;
  const { say } = language;

  const copy = (text: string, told: string) =>
    copyText(text, told, { say, notices, writeText: needs.writeText });

  async function markUnread(seq: number): Promise<void> {
    needs.onUnread(seq);
    try {
      await client.call("changeSettings", { params: { chat_id: chatId }, body: { unread_from: seq } });
      notices.tell(say("marked_unread"));
    } catch (error) {
      notices.fault(describeFailure(language, error));
    }
  }

  function remove({ message }: Row): void {
    if (!message) return;
    const undo = changes.remove(message);
    notices.tell(say("message_deleted"), { label: say("undo"), run: undo }, undoMs);
  }

  const runs: Readonly<Record<ActionName, (row: Row) => void>> = {
    copy: ({ text }) => void copy(text, say("text_copied")),
    link: ({ seq }) =>
      void copy(new URL(addressOf({ scene: "chat", chatId, seq }), needs.pageUrl()).href, say("link_copied")),
    edit: needs.onEdit,
    readers: ({ message }) => message && needs.onReaders(message),
    unread: ({ seq }) => void markUnread(seq),
    delete: remove,
    retry: ({ key }) => client.outbox.retry(key),
    discard: ({ key }) => void client.outbox.discard(key),
  };
  return (name, row) => runs[name](row);
}
