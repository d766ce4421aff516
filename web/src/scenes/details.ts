// Who is in the open chat; its creator adds and removes people, and deletes the group.
import type { GroupInfo, UserInfo } from "@windi/protocol";
import type { Language } from "../messages/language.ts";
import { createCodeField } from "../parts/code-field.ts";
import { confirmAction, openDialog } from "../parts/dialog.ts";
import { arrange, h, setText } from "../parts/dom.ts";
import { describeFailure } from "../parts/failure-text.ts";
import { createForm } from "../parts/form.ts";
import { createPeopleField } from "../parts/people-field.ts";
import { renderPerson } from "../parts/person.ts";
import { type Chat, findPartner, nameChat } from "../state/chat.ts";
import type { Messenger } from "../state/messenger.ts";

interface DetailsNeeds {
  language: Language;
  messenger: Messenger;
  chat: Chat;
  onDeleted: () => void;
}

export function openDetails(needs: DetailsNeeds): void {
  const { language, messenger, chat } = needs;
  const partner = findPartner(chat.info, messenger.me.id);
  if (partner) openPerson(language, partner);
  else if (chat.info.group_id) void openGroup(needs, chat.info.group_id);
}

function openPerson(language: Language, person: UserInfo): void {
  openDialog(
    { language, title: language.say("about_person") },
    renderPerson(person, { line: person.email }),
    createCodeField({ language, id: "person-code", label: language.say("code"), code: person.id }),
  );
}

async function openGroup(
  { language, messenger, chat, onDeleted }: DetailsNeeds,
  groupId: string,
): Promise<void> {
  const { api, me } = messenger;
  const body = h("div", { class: "details" });
  const problem = h("p", { class: "form-error", role: "alert" });
  const dialog = openDialog({ language, title: nameChat(chat.info, me.id) }, body, problem);

  /** Runs a change, then shows the group as the server answered it. */
  async function change(action: () => Promise<GroupInfo>): Promise<boolean> {
    try {
      show(await action());
      setText(problem, "");
      return true;
    } catch (error) {
      setText(problem, describeFailure(language, error));
      return false;
    }
  }

  function show(group: GroupInfo): void {
    const isCreator = group.creator.id === me.id;
    const members = group.members.map(({ user }) => h("li", {}, renderMember(group, user, isCreator)));
    arrange(body, [
      h("h3", {}, language.count("members", group.members.length)),
      h("ul", { class: "member-list", "aria-label": language.say("group_members") }, ...members),
      ...(isCreator ? [createAdding(group), createDeletion(group)] : []),
    ]);
  }

  function renderMember(group: GroupInfo, user: UserInfo, isCreator: boolean): HTMLElement {
    if (user.id === group.creator.id) return renderPerson(user, { line: language.say("creator") });
    if (!isCreator) return renderPerson(user);
    const remove = h(
      "button",
      {
        type: "button",
        class: "link",
        "aria-label": language.say("remove_member", { name: user.name }),
        onclick: () =>
          void change(() => api.removeMembers(group.id, [user.id])).then(async () => {
            dialog.element.querySelector<HTMLElement>("header button")?.focus();
            await messenger.refresh();
          }),
      },
      language.say("remove"),
    );
    return renderPerson(user, { beside: remove });
  }

  function createAdding(group: GroupInfo): HTMLElement {
    const inGroup = new Set(group.members.map(({ user }) => user.id));
    const known = messenger.knownPeople().filter((person) => !inGroup.has(person.id));
    const people = createPeopleField({ language, known, hint: "codes_hint" });
    const label = language.say("add_members");
    async function submit(): Promise<string | undefined> {
      const userIds = people.read();
      if (!userIds?.length) return undefined;
      if (await change(() => api.addMembers(group.id, userIds))) await messenger.refresh();
      return undefined;
    }
    return h(
      "section",
      {},
      h("h3", {}, label),
      createForm({ label, action: language.say("add"), submit }, ...people.elements),
    );
  }

  function createDeletion(group: GroupInfo): HTMLElement {
    const label = language.say("delete_group");
    async function run(): Promise<void> {
      const question = language.say("delete_group_sure", { name: group.title });
      if (!(await confirmAction(language, label, question, label))) return;
      try {
        await api.deleteGroup(group.id);
        dialog.close();
        onDeleted();
        await messenger.refresh();
      } catch (error) {
        setText(problem, describeFailure(language, error));
      }
    }
    return h("button", { type: "button", class: "danger", onclick: () => void run() }, label);
  }

  await change(() => api.getGroup(groupId));
}
