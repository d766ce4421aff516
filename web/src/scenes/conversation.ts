// The open chat: who it is with, its messages, and the place to write.
import type { Clock } from "../clock.ts";
import type { Language } from "../messages/language.ts";
import { avatar } from "../parts/avatar.ts";
import { h, setText } from "../parts/dom.ts";
import { icon } from "../parts/icons.ts";
import { type Chat, findPartner, nameChat } from "../state/chat.ts";
import type { Messenger } from "../state/messenger.ts";
import { createComposer } from "./composer.ts";
import { createMessageList } from "./message-list.ts";
import { describeTyping } from "./typing-text.ts";

interface ConversationNeeds {
  language: Language;
  messenger: Messenger;
  clock: Clock;
  chat: Chat;
  onBack: () => void;
  onDetails: () => void;
}

export function createConversation({
  language,
  messenger,
  clock,
  chat,
  onBack,
  onDetails,
}: ConversationNeeds) {
  const { me } = messenger;
  const partner = findPartner(chat.info, me.id);
  const title = h("h1", { id: "conversation-title", dir: "auto", tabindex: -1 });
  const line = h("p", { class: "quiet-line", dir: "auto" });
  const messages = createMessageList({ language, messenger, clock, chat });
  const composer = createComposer({ language, messenger, chat });
  const element = h(
    "section",
    { class: "conversation", "aria-labelledby": "conversation-title" },
    h(
      "header",
      { class: "pane-header" },
      h(
        "button",
        {
          type: "button",
          class: "quiet icon-only back",
          "aria-label": language.say("back"),
          onclick: onBack,
        },
        icon("back"),
      ),
      avatar(partner?.id ?? chat.id, nameChat(chat.info, me.id), chat.info.type),
      h("div", { class: "pane-title" }, title, line),
      h(
        "button",
        {
          type: "button",
          class: "quiet icon-only",
          "aria-label": language.say("details"),
          onclick: onDetails,
        },
        icon("details"),
      ),
    ),
    messages.element,
    composer.element,
  );

  return {
    chat,
    element,
    reportSeen: messages.reportSeen,
    dispose: messages.dispose,
    /** Where one goes on writing; without a keyboard only the title, so that none pops up. */
    focus: (hasKeyboard: boolean) => (hasKeyboard ? composer.focus() : title.focus({ preventScroll: true })),
    update(): void {
      setText(title, nameChat(chat.info, me.id));
      const typing = describeTyping(language, messenger, chat);
      setText(line, typing ?? partner?.email ?? language.count("members", chat.info.members.length));
      line.classList.toggle("is-typing", typing !== undefined);
      messages.update();
    },
  };
}

export type Conversation = ReturnType<typeof createConversation>;
