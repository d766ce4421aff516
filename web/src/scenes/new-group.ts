// Making a group: a title and the people in it.
import type { Language } from "../messages/language.ts";
import { openDialog } from "../parts/dialog.ts";
import { describeFailure } from "../parts/failure-text.ts";
import { createField } from "../parts/field.ts";
import { createForm } from "../parts/form.ts";
import { createPeopleField } from "../parts/people-field.ts";
import type { Messenger } from "../state/messenger.ts";
import { ApiError } from "../wire/api.ts";

interface NewGroupNeeds {
  language: Language;
  messenger: Messenger;
  onOpen: (chatId: string) => void;
}

export function openNewGroup({ language, messenger, onOpen }: NewGroupNeeds): void {
  const title = createField({
    id: "group-title",
    label: language.say("title"),
    attributes: { autocomplete: "off", dir: "auto", autofocus: true },
  });
  const people = createPeopleField({ language, known: messenger.knownPeople(), hint: "codes_hint_later" });

  async function submit(): Promise<string | undefined> {
    title.setError(undefined);
    const userIds = people.read();
    if (!userIds) return undefined;
    try {
      const group = await messenger.api.createGroup(title.input.value.trim(), userIds);
      await messenger.learn(group.id);
      dialog.close();
      onOpen(group.id);
    } catch (error) {
      const code = error instanceof ApiError ? error.code : undefined;
      if (code === "invalid_request") title.setError(language.say("field_title"));
      else if (code === "user_not_found") people.setError(describeFailure(language, error));
      else return describeFailure(language, error);
    }
    return undefined;
  }

  const label = language.say("new_group");
  const dialog = openDialog(
    { language, title: label },
    createForm({ label, action: language.say("create_group"), submit }, title.element, ...people.elements),
  );
}
