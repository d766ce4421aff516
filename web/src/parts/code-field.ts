// Somebody's code, to be read and copied.
import type { Language } from "../messages/language.ts";
import { h, setText } from "./dom.ts";
import { icon } from "./icons.ts";

interface CodeFieldNeeds {
  language: Language;
  id: string;
  label: string;
  hint?: string;
  code: string;
}

export function createCodeField({ language, id, label, hint, code }: CodeFieldNeeds): HTMLElement {
  const input = h("input", {
    id,
    class: "code shown-code",
    readonly: true,
    value: code,
    spellcheck: "false",
  });
  const said = h("p", { class: "field-hint", role: "status" }, hint ?? "");

  async function copy(): Promise<void> {
    // Browsers offer the clipboard only over HTTPS and on the same machine.
    const isDone = window.isSecureContext
      ? await navigator.clipboard.writeText(code).then(
          () => true,
          () => false,
        )
      : false;
    if (!isDone) input.select();
    setText(said, language.say(isDone ? "copied" : "copy_by_hand"));
  }

  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h(
      "div",
      { class: "joined-controls" },
      input,
      h(
        "button",
        {
          type: "button",
          class: "icon-only",
          "aria-label": language.say("copy"),
          onclick: () => void copy(),
        },
        icon("copy"),
      ),
    ),
    said,
  );
}
