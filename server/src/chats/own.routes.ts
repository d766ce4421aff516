// Binds the endpoints of what a person keeps of a chat for themself to their rules.
import { endpoints } from "@windi/protocol";
import type { Mount } from "../http/mount.ts";
import type { Drafts } from "./drafts.ts";
import type { Settings } from "./settings.ts";

interface OwnRules {
  settings: Settings;
  drafts: Drafts;
}

export function mountOwn(mount: Mount, { settings, drafts }: OwnRules) {
  mount(endpoints.changeSettings, ({ user, params, body }) => settings.change(user, params.chat_id, body));
  mount(endpoints.saveDraft, async ({ user, params, body, limit }) => {
    limit("draft", user.id);
    return { draft: await drafts.save(user, params.chat_id, body.text) };
  });
}
