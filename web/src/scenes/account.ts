// One's own account: the code to share, the language, and the way out.
import type { Language, LanguageCode } from "../messages/language.ts";
import { createCodeField } from "../parts/code-field.ts";
import { confirmAction, openDialog } from "../parts/dialog.ts";
import { h } from "../parts/dom.ts";
import { renderPerson } from "../parts/person.ts";
import type { Messenger } from "../state/messenger.ts";
import { createLanguageSwitch } from "./language-switch.ts";

interface AccountNeeds {
  language: Language;
  messenger: Messenger;
  chooseLanguage: (code: LanguageCode) => void;
  onSignOut: () => void;
}

export function openAccount({ language, messenger, chooseLanguage, onSignOut }: AccountNeeds): void {
  const { me } = messenger;
  const label = language.say("sign_out");

  async function signOut(): Promise<void> {
    const isSure =
      !messenger.hasUnsent() ||
      (await confirmAction(language, label, language.say("sign_out_unsent"), label));
    if (!isSure) return;
    dialog.close();
    onSignOut();
  }

  const dialog = openDialog(
    { language, title: language.say("account_title") },
    renderPerson(me, { line: me.email }),
    createCodeField({
      language,
      id: "my-code",
      label: language.say("your_code"),
      hint: language.say("your_code_hint"),
      code: me.id,
    }),
    createLanguageSwitch({
      language,
      choose(code) {
        dialog.close();
        chooseLanguage(code);
      },
    }),
    h("button", { type: "button", onclick: () => void signOut() }, label),
  );
}
