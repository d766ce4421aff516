// Starting a personal chat by code, and the way to a group.
import type { Language } from "../messages/language.ts";
import { createCodeField } from "../parts/code-field.ts";
import { readCodes } from "../parts/codes.ts";
import { openDialog } from "../parts/dialog.ts";
import { h } from "../parts/dom.ts";
import { describeFailure } from "../parts/failure-text.ts";
import { createField } from "../parts/field.ts";
import { createForm } from "../parts/form.ts";
import { findPartner } from "../state/chat.ts";
import type { Messenger } from "../state/messenger.ts";
import { ApiError } from "../wire/api.ts";

interface NewChatNeeds {
  language: Language;
  messenger: Messenger;
  onOpen: (chatId: string) => void;
  onNewGroup: () => void;
}

export function openNewChat({ language, messenger, onOpen, onNewGroup }: NewChatNeeds): void {
  const { me, api, chats } = messenger;
  const field = createField({
    id: "their-code",
    label: language.say("their_code"),
    attributes: {
      class: "code",
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
      autofocus: true,
    },
  });

  const findChatWith = (userId: string) =>
    chats.all().find((chat) => findPartner(chat.info, me.id)?.id === userId);

  async function submit(): Promise<string | undefined> {
    const { codes, wrong } = readCodes(field.input.value);
    const [userId] = codes;
    if (userId === undefined || codes.length > 1 || wrong.length > 0) {
      field.setError(language.say("field_code"));
      return undefined;
    }
    try {
      const chatId = findChatWith(userId)?.id ?? (await create(userId));
      dialog.close();
      if (chatId !== undefined) onOpen(chatId);
    } catch (error) {
      field.setError(describeFailure(language, error));
    }
    return undefined;
  }

  /** Somebody else may have made the same chat a moment ago: then that one is it. */
  async function create(userId: string): Promise<string | undefined> {
    try {
      const { id } = await api.createChat(userId);
      await messenger.learn(id);
      return id;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "chat_exists") throw error;
      await messenger.refresh();
      return findChatWith(userId)?.id;
    }
  }

  const dialog = openDialog(
    { language, title: language.say("new_chat") },
    createForm(
      { label: language.say("new_chat"), action: language.say("start_chat"), submit },
      field.element,
    ),
    createCodeField({
      language,
      id: "my-code",
      label: language.say("your_code"),
      hint: language.say("your_code_hint"),
      code: me.id,
    }),
    h(
      "p",
      { class: "dialog-other" },
      language.say("or_group"),
      " ",
      h(
        "button",
        {
          type: "button",
          class: "link",
          onclick() {
            dialog.close();
            onNewGroup();
          },
        },
        language.say("new_group"),
      ),
    ),
  );
}
