// One chat as the page holds it: what the server said about it, its messages, and who has read them.
import type { ChatInfo, UserInfo } from "@windi/protocol";
import { createChatLog, type ChatLog } from "./chat-log.ts";
import { createReadMarks, type ReadMarks } from "./read-marks.ts";

export interface Chat {
  readonly id: string;
  info: ChatInfo;
  readonly log: ChatLog;
  readonly marks: ReadMarks;
  /** The server sends this chat's events over the present connection. */
  isJoined: boolean;
  /** Everything before the first message that is here has been asked for. */
  isComplete: boolean;
  /** The number of unread messages is exact; otherwise there is at least one. */
  isCounted: boolean;
  /** A first page is here, or is known to be empty. */
  isLoaded: boolean;
}

export function createChat(info: ChatInfo, myId: string): Chat {
  const log = createChatLog();
  const marks = createReadMarks(log, myId);
  return {
    id: info.id,
    info,
    log,
    marks,
    isJoined: false,
    isComplete: false,
    isCounted: true,
    isLoaded: false,
  };
}

/** The other person of a personal chat. */
export function findPartner(info: ChatInfo, myId: string): UserInfo | undefined {
  if (info.type !== "personal") return undefined;
  return info.members.find((member) => member.user.id !== myId)?.user;
}

/** What the chat is called here: the other person's name, or the group's title. */
export const nameChat = (info: ChatInfo, myId: string): string => findPartner(info, myId)?.name ?? info.name;
