// Binds the endpoints of messages to their rules.
import { endpoints } from "@windi/protocol";
import { catchUpCost } from "../http/limits.ts";
import type { Mount } from "../http/mount.ts";
import type { Messages } from "./messages.ts";
import type { Sync } from "./sync.ts";

interface MessagesRules {
  messages: Messages<undefined>;
  sync: Sync;
}

export function mountMessages(mount: Mount, { messages, sync }: MessagesRules) {
  mount(endpoints.getHistory, ({ user, params, query }) => messages.history(params.chat_id, user.id, query));
  mount(endpoints.sendMessage, async ({ user, params, body, limit }) => {
    limit("send_chat", `${user.id} ${params.chat_id}`);
    limit("send", user.id);
    const send = {
      chatId: params.chat_id,
      sender: user,
      text: body.text,
      idempotencyKey: body.idempotency_key ?? null,
      mentions: body.mentions ?? [],
    };
    return (await messages.send(send, undefined)).message;
  });
  mount(endpoints.editMessage, async ({ user, params, body, limit }) => {
    limit("send_chat", `${user.id} ${params.chat_id}`);
    limit("send", user.id);
    const { text, mentions } = body;
    const edit = {
      chatId: params.chat_id,
      messageId: params.message_id,
      user,
      text,
      mentions: mentions ?? [],
    };
    return (await messages.edit(edit, undefined)).message;
  });
  mount(endpoints.deleteMessage, async ({ user, params, limit }) => {
    limit("send", user.id);
    const removal = { chatId: params.chat_id, messageId: params.message_id, user };
    return (await messages.remove(removal, undefined)).message;
  });
  mount(endpoints.getReaders, ({ user, params, limit }) => {
    // It looks at every member of the chat.
    limit("search", user.id);
    return messages.readers(params.chat_id, user.id, params.message_id);
  });
  mount(endpoints.findPlace, ({ user, params, query }) => messages.place(params.chat_id, user.id, query.at));
  mount(endpoints.sync, ({ user, body, limit }) => {
    limit("sync", user.id, catchUpCost(body.chats.length));
    return sync.catchUp(user.id, body.chats);
  });
}
