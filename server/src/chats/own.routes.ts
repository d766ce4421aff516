// Binds the endpoints of what a person keeps of a chat for themself to their rules.
import { endpoints } from "@windi/protocol";
import type { Mount } from "../http/mount.ts";
import type { Settings } from "./settings.ts";

interface OwnRules {
  settings: Settings;
}

export function mountOwn(mount: Mount, { settings }: OwnRules) {
  mount(endpoints.changeSettings, ({ user, params, body }) => settings.change(user, params.chat_id, body));
}
