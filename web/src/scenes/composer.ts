// Where a message is written: Enter sends it, Shift+Enter begins a line.
import type { Language } from "../messages/language.ts";
import { h, set, setText } from "../parts/dom.ts";
import { icon } from "../parts/icons.ts";
import { type Chat, nameChat } from "../state/chat.ts";
import type { Messenger } from "../state/messenger.ts";

interface ComposerNeeds {
  language: Language;
  messenger: Messenger;
  chat: Chat;
}

/** As the contract counts them: an emoji is one. */
const maxCharacters = 4096;
const countCharacters = (text: string) => Array.from(text).length;

export function createComposer({ language, messenger, chat }: ComposerNeeds) {
  const problem = h("p", { class: "field-error", id: "composer-error", role: "status" });
  const input = h("textarea", {
    rows: 1,
    dir: "auto",
    enterkeyhint: "send",
    autocapitalize: "sentences",
    placeholder: language.say("message"),
    "aria-label": language.say("message_to", { name: nameChat(chat.info, messenger.me.id) }),
  });
  const button = h(
    "button",
    { type: "submit", class: "primary icon-only", "aria-label": language.say("send") },
    icon("send"),
  );
  const element = h(
    "form",
    {
      class: "composer",
      onsubmit(event) {
        event.preventDefault();
        send();
      },
    },
    problem,
    input,
    button,
  );
  input.value = messenger.draft(chat);
  check();

  input.addEventListener("input", () => {
    check();
    messenger.writes(chat, input.value);
  });
  input.addEventListener("keydown", (event) => {
    // While a character is being composed, Enter belongs to the input method.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });

  /** Says how much is too much; true when the text may go. */
  function check(): boolean {
    const excess = countCharacters(input.value.trim()) - maxCharacters;
    setText(problem, excess > 0 ? language.count("too_long", excess) : "");
    problem.hidden = excess <= 0;
    set(input, {
      "aria-invalid": excess > 0 ? "true" : undefined,
      "aria-describedby": excess > 0 ? "composer-error" : undefined,
    });
    const isBlank = input.value.trim() === "";
    button.disabled = isBlank || excess > 0;
    return !button.disabled;
  }

  function send(): void {
    if (!check()) return;
    const text = input.value.trim();
    input.value = "";
    check();
    messenger.send(chat, text);
    input.focus();
  }

  return {
    element,
    focus(): void {
      input.focus();
      input.setSelectionRange(input.value.length, input.value.length);
    },
  };
}
