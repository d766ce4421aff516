// A form that sends itself once at a time, and shows what went wrong beside what caused it.
import { h, setText, type Child } from "./dom.ts";

interface FormNeeds {
  label: string;
  action: string;
  /** Resolves to a sentence when it failed as a whole; errors of a field are set by it at the field. */
  submit: () => Promise<string | undefined>;
}

export function createForm({ label, action, submit }: FormNeeds, ...children: Child[]): HTMLFormElement {
  const problem = h("p", { class: "form-error", role: "alert" });
  const button = h("button", { class: "primary", type: "submit" }, action);
  let isBusy = false;

  async function run(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    button.setAttribute("aria-busy", "true");
    setText(problem, "");
    const sentence = await submit().finally(() => {
      isBusy = false;
      button.removeAttribute("aria-busy");
    });
    setText(problem, sentence ?? "");
    form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }

  const form = h(
    "form",
    {
      "aria-label": label,
      novalidate: true,
      onsubmit(event) {
        event.preventDefault();
        void run();
      },
    },
    ...children,
    problem,
    button,
  );
  return form;
}
