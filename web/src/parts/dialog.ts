// Modal dialogs: the browser's own, so focus is held inside, Escape closes, and focus returns to where it came from.
import type { Language } from "../messages/language.ts";
import { h, type Child } from "./dom.ts";
import { icon } from "./icons.ts";

export interface Dialog {
  element: HTMLDialogElement;
  close: () => void;
}

interface DialogNeeds {
  language: Language;
  title: string;
  onClose?: () => void;
}

export function openDialog({ language, title, onClose }: DialogNeeds, ...children: Child[]): Dialog {
  const titleId = `dialog-${document.querySelectorAll("dialog").length}`;
  const element = h(
    "dialog",
    { "aria-labelledby": titleId },
    h(
      "header",
      {},
      h("h2", { id: titleId, dir: "auto" }, title),
      h(
        "button",
        {
          type: "button",
          class: "quiet icon-only",
          "aria-label": language.say("close"),
          onclick: () => element.close(),
        },
        icon("close"),
      ),
    ),
    h("div", { class: "dialog-body" }, ...children),
  );
  element.addEventListener("click", (event) => {
    if (event.target === element) element.close();
  });
  element.addEventListener("close", () => {
    element.remove();
    onClose?.();
  });
  document.body.append(element);
  element.showModal();
  return { element, close: () => element.close() };
}

/** Asks before what cannot be undone. */
export function confirmAction(
  language: Language,
  title: string,
  question: string,
  action: string,
): Promise<boolean> {
  return new Promise((resolve) => {
    let isConfirmed = false;
    const finish = (answer: boolean) => () => {
      isConfirmed = answer;
      dialog.close();
    };
    const dialog = openDialog(
      { language, title, onClose: () => resolve(isConfirmed) },
      h("p", { dir: "auto" }, question),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", autofocus: true, onclick: finish(false) }, language.say("cancel")),
        h("button", { type: "button", class: "danger", onclick: finish(true) }, action),
      ),
    );
  });
}
