// Binds the endpoints of chats and groups to their rules.
import { endpoints } from "@windi/protocol";
import type { Mount } from "../http/mount.ts";
import type { Chats } from "./chats.ts";

export function mountChats(mount: Mount, { chats }: { chats: Chats }) {
  mount(endpoints.createChat, ({ user, body, limit }) => {
    limit("create", user.id);
    return chats.createPersonal(user, body.user_id);
  });
  mount(endpoints.listChats, ({ user }) => chats.list(user));
  mount(endpoints.listSummaries, ({ user, query }) => chats.summaries(user, query));
  mount(endpoints.getSummary, ({ user, params }) => chats.summary(user, params.chat_id));
  mount(endpoints.createGroup, ({ user, body, limit }) => {
    limit("create", user.id);
    return chats.createGroup(user, body.title, body.member_ids ?? []);
  });
  mount(endpoints.getGroup, ({ user, params }) => chats.getGroup(user, params.group_id));
  mount(endpoints.addMembers, ({ user, params, body }) =>
    chats.addMembers(user, params.group_id, body.user_ids),
  );
  mount(endpoints.removeMembers, ({ user, params, body }) =>
    chats.removeMembers(user, params.group_id, body.user_ids),
  );
  mount(endpoints.renameGroup, ({ user, params, body }) =>
    chats.renameGroup(user, params.group_id, body.title),
  );
  mount(endpoints.leaveGroup, async ({ user, params }) => {
    await chats.leaveGroup(user, params.group_id);
    return undefined;
  });
  mount(endpoints.deleteGroup, async ({ user, params }) => {
    await chats.deleteGroup(user, params.group_id);
    return undefined;
  });
}
