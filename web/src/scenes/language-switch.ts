// Chooses the language of the page.
import { type Language, type LanguageCode, isLanguageCode, languageNames } from "../messages/language.ts";
import { h } from "../parts/dom.ts";

interface LanguageSwitchNeeds {
  language: Language;
  choose: (code: LanguageCode) => void;
}

export function createLanguageSwitch({ language, choose }: LanguageSwitchNeeds): HTMLElement {
  const select = h(
    "select",
    {
      onchange() {
        if (isLanguageCode(select.value)) choose(select.value);
      },
    },
    ...Object.entries(languageNames).map(([code, name]) =>
      h("option", { value: code, lang: code, selected: code === language.code }, name),
    ),
  );
  return h("label", { class: "language-switch" }, h("span", {}, language.say("language")), select);
}
