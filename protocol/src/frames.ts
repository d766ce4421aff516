// The two directions of the WebSocket put together: which frame answers which action, and with which errors.
import type { z } from "zod";
import { actions, type ActionName } from "./actions.ts";
import { commonErrors } from "./endpoint.ts";
import type { ErrorCode } from "./errors.ts";
import { CaughtUp, Joined, Left, MessageChanged, MessageWasRead, NewMessage, Subscribed } from "./events.ts";

/** Action → the frame that answers it when all is well. */
export const actionAnswers = {
  subscribe: Subscribed,
  catch_up: CaughtUp,
  join_chat: Joined,
  leave_chat: Left,
  send_message: NewMessage,
  edit_message: MessageChanged,
  delete_message: MessageChanged,
  message_read: MessageWasRead,
  typing: undefined,
} as const satisfies Record<ActionName, z.ZodType | undefined>;

/** All errors that an action may be answered with: its own, a frame that is not valid, and the common ones. */
export function actionErrors(action: ActionName): ErrorCode[] {
  return [...actions[action].errors, "invalid_request", ...commonErrors];
}
