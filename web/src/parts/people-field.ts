// Chooses people: known ones from a list, others by their codes.
import type { UserInfo } from "@windi/protocol";
import type { Language } from "../messages/language.ts";
import { avatar } from "./avatar.ts";
import { readCodes } from "./codes.ts";
import { h } from "./dom.ts";
import { createTextField } from "./field.ts";

interface PeopleFieldNeeds {
  language: Language;
  known: readonly UserInfo[];
  hint: "codes_hint" | "codes_hint_later";
}

export function createPeopleField({ language, known, hint }: PeopleFieldNeeds) {
  const codes = createTextField({
    id: "people-codes",
    label: language.say("codes"),
    hint: language.say(hint),
    attributes: {
      class: "code",
      rows: 2,
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
    },
  });
  const boxes = known.map((person) => ({
    person,
    box: h("input", { type: "checkbox", value: person.id }),
  }));
  const list = h(
    "fieldset",
    { class: "people" },
    h("legend", {}, language.say("people_you_know")),
    ...boxes.map(({ person, box }) =>
      h(
        "label",
        { class: "person" },
        box,
        avatar(person.id, person.name),
        h("span", { class: "person-words", dir: "auto" }, person.name),
      ),
    ),
  );

  return {
    elements: known.length > 0 ? [list, codes.element] : [codes.element],
    setError: codes.setError,
    /** The ids of the people; undefined, with an error shown, when a code is none. */
    read(): string[] | undefined {
      const typed = readCodes(codes.input.value);
      if (typed.wrong.length > 0) {
        codes.setError(language.say("field_code"));
        return undefined;
      }
      const chosen = boxes.filter(({ box }) => box.checked).map(({ person }) => person.id);
      return [...new Set([...chosen, ...typed.codes])];
    },
  };
}
