// Binds the endpoints of messages to their rules.
import { endpoints } from "@windi/protocol";
import type { Mount } from "../http/mount.ts";
import type { Messages } from "./messages.ts";

export function mountMessages(mount: Mount, { messages }: { messages: Messages<undefined> }) {
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
}
