// A person in a list: avatar, name, perhaps a quiet line below and something beside.
import type { UserInfo } from "@windi/protocol";
import { avatar } from "./avatar.ts";
import { h } from "./dom.ts";

interface PersonParts {
  line?: string;
  beside?: HTMLElement;
}

export const renderPerson = ({ id, name }: UserInfo, { line, beside }: PersonParts = {}): HTMLElement =>
  h(
    "div",
    { class: "person" },
    avatar(id, name),
    h(
      "div",
      { class: "person-words" },
      h("p", { dir: "auto" }, name),
      line !== undefined && h("p", { class: "quiet-line", dir: "auto" }, line),
    ),
    beside,
  );
