// What a client's frames do: decoded by the contract, carried out by the rules, answered on the same connection.
import { ClientFrame, RequestId, actions, type ErrorFrame } from "@windi/protocol";
import type { Logger } from "pino";
import type { Chats } from "../chats/chats.ts";
import { Failure } from "../failure.ts";
import { toFailure } from "../http/errors.ts";
import type { LimitName } from "../http/limits.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { Messages } from "../messages/messages.ts";
import type { Reads } from "../messages/reads.ts";
import type { UnderWay } from "../under-way.ts";
import type { Connection } from "./connection.ts";
import type { Fanout, Origin } from "./fanout.ts";
import type { Task } from "./inbox.ts";
import type { Subscriptions } from "./subscriptions.ts";

interface ActionsNeeds {
  chats: Chats;
  messages: Messages<Origin | undefined>;
  reads: Reads;
  subscriptions: Subscriptions;
  fanout: Fanout;
  rateLimiter: RateLimiter;
  log: Logger;
  newId(): string;
  isDraining(): boolean;
  /** Knows of each frame that is being handled. */
  underWay: UnderWay;
}

export interface Actions {
  /** Decodes a frame; `undefined` stands for a binary one. */
  prepare(connection: Connection, frame: string | undefined): Task;
}

export function createActions(needs: ActionsNeeds): Actions {
  const { chats, messages, reads, subscriptions, fanout, rateLimiter, log, newId, isDraining, underWay } =
    needs;

  function limit(name: LimitName, key: string): void {
    const verdict = rateLimiter.take(name, key);
    if (verdict?.isAllowed === false)
      throw new Failure("rate_limited", { retryAfterSeconds: verdict.retryAfterMs / 1000 });
  }

  async function requireMember(connection: Connection, chatId: string): Promise<void> {
    // Who hears a chat is a member: being taken out of it ends the hearing.
    if (subscriptions.hears(connection, chatId)) return;
    if (!(await chats.isMember(connection.user.id, chatId))) throw new Failure("chat_not_found");
  }

  async function perform(connection: Connection, frame: ClientFrame, origin: Origin): Promise<void> {
    const { user } = connection;
    const { chat_id } = frame;
    const echo = origin.requestId === undefined ? {} : { request_id: origin.requestId };
    switch (frame.action) {
      case "join_chat": {
        const isIn = await subscriptions.join(connection, chat_id, () => chats.isMember(user.id, chat_id));
        if (!isIn) throw new Failure("chat_not_found");
        return connection.answer({ status: "joined", chat_id, ...echo });
      }
      case "leave_chat":
        subscriptions.leave(connection, chat_id);
        return connection.answer({ status: "left", chat_id, ...echo });
      case "send_message": {
        limit("send_chat", `${user.id} ${chat_id}`);
        limit("send", user.id);
        const send = {
          chatId: chat_id,
          sender: user,
          text: frame.text,
          idempotencyKey: frame.idempotency_key ?? null,
        };
        // A new message is answered by its event, in its place in the order; a repeated one by itself.
        const { message, isNew } = await messages.send(send, origin);
        return isNew ? undefined : connection.answer({ event: "new_message", data: message, ...echo });
      }
      case "message_read": {
        limit("read", user.id);
        const { message_id } = frame;
        const { readAtMs } = await reads.read({
          chatId: chat_id,
          userId: user.id,
          messageId: message_id,
        });
        const data = {
          chat_id,
          message_id,
          user_id: user.id,
          read_at: new Date(readAtMs).toISOString(),
        };
        return fanout.deliver(chat_id, { event: "message_read", data }, origin);
      }
      case "typing":
        await requireMember(connection, chat_id);
        // Too much of it is not worth an answer.
        if (rateLimiter.take("typing", `${user.id} ${chat_id}`)?.isAllowed !== false)
          fanout.typing(chat_id, user);
        return undefined;
    }
  }

  function refuse(connection: Connection, error: unknown, requestId: string | undefined): void {
    const failure = toFailure(error, log, requestId ?? newId());
    const frame: ErrorFrame = { error: failure.message, code: failure.code };
    if (failure.retryAfterSeconds !== undefined)
      frame.retry_after_ms = Math.ceil(failure.retryAfterSeconds * 1000);
    if (requestId !== undefined) frame.request_id = requestId;
    connection.answer(frame);
  }

  return {
    prepare(connection, text) {
      const { requestId, frame, error } = decode(text);
      return {
        overlaps: frame?.action === "send_message",
        async run() {
          try {
            if (isDraining()) throw new Failure("draining", { retryAfterSeconds: 1 });
            if (error) throw error;
            await underWay.track(perform(connection, frame, { connection, requestId }));
          } catch (reason) {
            refuse(connection, reason, requestId);
          }
        },
      };
    },
  };
}

type Decoded = { requestId: string | undefined } & (
  | { frame: ClientFrame; error?: undefined }
  | { frame?: undefined; error: Failure }
);

function decode(text: string | undefined): Decoded {
  let value: unknown;
  try {
    if (text === undefined) throw new TypeError("binary");
    value = JSON.parse(text);
  } catch (cause) {
    const detail = text === undefined ? "Send text frames, not binary ones" : "The frame is not valid JSON";
    return { requestId: undefined, error: new Failure("invalid_request", { detail, cause }) };
  }
  const parsed = ClientFrame.safeParse(value);
  if (parsed.success) return { frame: parsed.data, requestId: parsed.data.request_id ?? undefined };
  const requestId = RequestId.safeParse((value as { request_id?: unknown } | null)?.request_id).data;
  const [issue] = parsed.error.issues;
  const detail =
    issue?.code === "invalid_union"
      ? `Unknown action; the field "action" must be one of ${Object.keys(actions).join(", ")}`
      : `${issue?.path.join(".") || "The frame"}: ${issue?.message}`;
  return { requestId, error: new Failure("invalid_request", { detail }) };
}
