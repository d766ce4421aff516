// A labelled input with its hint and its error beside it.
import { h, setText, set, type Attributes } from "./dom.ts";

export interface Field<Input extends HTMLElement = HTMLInputElement> {
  element: HTMLElement;
  input: Input;
  /** Shows what is wrong, or nothing. */
  setError: (sentence: string | undefined) => void;
}

interface FieldNeeds {
  id: string;
  label: string;
  hint?: string;
  attributes?: Attributes;
}

function surround<Input extends HTMLInputElement | HTMLTextAreaElement>(
  input: Input,
  { id, label, hint, attributes = {} }: FieldNeeds,
): Field<Input> {
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const error = h("p", { class: "field-error", id: errorId, hidden: true });
  const help = hint === undefined ? undefined : h("p", { class: "field-hint", id: hintId }, hint);
  set(input, { id, "aria-describedby": help?.id, ...attributes });
  input.addEventListener("input", () => setError(undefined));

  function setError(sentence: string | undefined): void {
    setText(error, sentence ?? "");
    error.hidden = sentence === undefined;
    // The error says what the hint said, and more.
    if (help) help.hidden = sentence !== undefined;
    set(input, {
      "aria-invalid": sentence === undefined ? undefined : "true",
      "aria-describedby": sentence === undefined ? help?.id : errorId,
    });
  }

  const element = h("div", { class: "field" }, h("label", { for: id }, label), input, help, error);
  return { element, input, setError };
}

export const createField = (needs: FieldNeeds): Field => surround(h("input"), needs);
export const createTextField = (needs: FieldNeeds): Field<HTMLTextAreaElement> =>
  surround(h("textarea"), needs);
