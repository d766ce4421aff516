// Frames from the server, looked at only as far as this package relies on them.
import type { ServerFrame } from "./contract.ts";

/** Frames that tell of something, whoever asked. */
export type EventFrame = Extract<ServerFrame, { event: string }>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown): value is number => typeof value === "number";

const isMessage = (value: unknown): boolean =>
  isObject(value) &&
  [value["id"], value["chat_id"], value["text"]].every(isText) &&
  [value["seq"], value["version"]].every(isCount) &&
  isObject(value["sender"]);

const ofChat = (frame: Record<string, unknown>): boolean => isText(frame["chat_id"]);
const ofVersion = (frame: Record<string, unknown>): boolean => ofChat(frame) && isCount(frame["version"]);
const ofMessage = (frame: Record<string, unknown>): boolean => isMessage(frame["data"]);

const events: Record<EventFrame["event"], (frame: Record<string, unknown>) => boolean> = {
  new_message: ofMessage,
  message_changed: ofMessage,
  message_read: ({ data }) => isObject(data) && ofChat(data),
  chat_changed: ofVersion,
  members_added: ofVersion,
  members_removed: ofVersion,
  position: ofVersion,
  chat_added: ({ chat }) => isObject(chat) && isText(chat["id"]) && isCount(chat["version"]),
  chat_removed: ofChat,
  chat_read: ofChat,
  draft: (frame) => ofChat(frame) && (frame["draft"] === null || isObject(frame["draft"])),
  chat_settings: (frame) => ofChat(frame) && isObject(frame["settings"]),
  user_changed: ({ user }) => isObject(user) && [user["id"], user["name"], user["email"]].every(isText),
  presence: (frame) => ofChat(frame) && Array.isArray(frame["users"]),
  typing: ofChat,
  many_typing: ofChat,
  come_back: ({ after_ms }) => isCount(after_ms),
};

/**
 * A frame, or undefined for what is none of those that this package knows. What is left out here is as good as lost on
 * the way, and is repaired like that.
 */
export function readFrame(text: unknown): ServerFrame | undefined {
  const frame = parse(text);
  if (!isObject(frame)) return undefined;
  if (isText(frame["event"])) {
    const isWhole = Object.hasOwn(events, frame["event"]) && events[frame["event"] as keyof typeof events];
    return isWhole && isWhole(frame) ? (frame as ServerFrame) : undefined;
  }
  const isAnswer = isText(frame["error"]) || (isText(frame["status"]) && isText(frame["request_id"]));
  const needsChats = frame["status"] === "subscribed" || frame["status"] === "caught_up";
  return isAnswer && (!needsChats || Array.isArray(frame["chats"])) ? (frame as ServerFrame) : undefined;
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
