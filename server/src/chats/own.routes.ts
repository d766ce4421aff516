// Binds the endpoints of what a person sees and keeps for themself to their rules.
import { endpoints } from "@windi/protocol";
import type { Mount } from "../http/mount.ts";
import type { Own } from "./own.ts";

export function mountOwn(mount: Mount, { settings, drafts, people }: Own) {
  mount(endpoints.findPeople, async ({ user, query, limit }) => {
    limit("search", user.id);
    return { people: await people.find(user, query) };
  });
  mount(endpoints.changeSettings, ({ user, params, body }) => settings.change(user, params.chat_id, body));
  mount(endpoints.saveDraft, ({ user, params, body, limit }) => {
    limit("draft", user.id);
    return drafts.save(user, params.chat_id, body.text);
  });
}
