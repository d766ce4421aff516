// What an open chat lives on: its log, its look, what is read and changed in it; ended together.
import type { Messenger } from "../../state/messenger.ts";
import { watchAttention } from "./attention.ts";
import { findLastOwn } from "./last-own.ts";
import { createLocalChanges, undoMs, type LocalChangesNeeds } from "./local-changes.ts";
import type { Target } from "./place.ts";
import { createSeen } from "./seen.ts";

interface OpenChatNeeds {
  messenger: Messenger;
  chatId: string;
  target: Target;
  page: Window;
  onFailure: LocalChangesNeeds["onFailure"];
}

export function createOpenChat({ messenger, chatId, target, page, onFailure }: OpenChatNeeds) {
  const { client, drafts, people, farewells } = messenger;
  const later = (delayMs: number, call: () => void) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  };

  const log = client.chatLog(chatId);
  // Before anybody subscribes, which would load the end. What fails is in the log's state.
  if (target.kind !== "end") log.loadAround(target.seq).catch(() => {});
  const look = client.look(chatId);
  const attention = watchAttention(page);
  const changes = createLocalChanges({ call: client.call, later, onFailure });
  farewells.add(changes.flush);
  const leavePage = () => void changes.flush();
  const seen = createSeen({
    later,
    onSeen(seq) {
      const message = log.get().messages.find((each) => each.seq === seq);
      if (message) client.chats.markRead(chatId, message);
    },
  });

  return {
    log,
    attention,
    changes,
    seen,
    typing: client.typing(chatId),
    presence: client.presence(chatId),
    members: people.members(chatId),
    draft: drafts.of(chatId),
    findLastOwn: (toEnd: () => void) =>
      findLastOwn({ log, changes, outbox: client.outbox, myId: messenger.me.get().id, later, toEnd }),
    end(): void {
      look.end();
      log.close();
      attention[Symbol.dispose]();
      // What can still be undone waits on, but not longer than the page or the person is there.
      page.addEventListener("pagehide", leavePage);
      later(undoMs, () => {
        page.removeEventListener("pagehide", leavePage);
        farewells.delete(changes.flush);
      });
    },
  };
}
