// One client's connection: its user, its socket, its limits. What its frames do is in actions.ts.
import { closeCodes, type CloseReason, type ServerFrame, type UserInfo } from "@windi/protocol";
import type { Limits } from "../http/limits.ts";
import { takeFrom } from "../http/rate-limit.ts";
import type { Socket, SocketHandler } from "../runtime/bun.ts";
import { createInbox, type Task } from "./inbox.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface Connection {
  readonly user: UserInfo;
  readonly isOpen: boolean;
  readonly socket: Socket;
  /** Follows all chats of its user. */
  isSubscribed: boolean;
  answer(frame: ServerFrame): void;
  close(reason: CloseReason): void;
}

interface ConnectionNeeds {
  user: UserInfo;
  prepare(connection: Connection, frame: string | undefined): Task;
  subscriptions: Subscriptions;
  limits: Limits;
  /** Milliseconds since any moment. */
  now(): number;
}

/** Frames of one connection that wait or are under way. */
const maxFrames = 512;

/** The handler of a socket whose user is known. */
export function createConnection({
  user,
  prepare,
  subscriptions,
  limits,
  now,
}: ConnectionNeeds): SocketHandler {
  let opened: { connection: Connection; push(frame: string | undefined): void } | undefined;
  let isOpen = false;
  let framesFullAt = 0;
  let bytesFullAt = 0;

  /** Whether this frame is within what one connection may send. */
  function isWithinLimits(bytes: number): boolean {
    if (!limits) return true;
    const at = now();
    const frames = takeFrom(limits.frames, framesFullAt, at, 1);
    const size = takeFrom(limits.bytes, bytesFullAt, at, bytes);
    framesFullAt = frames.fullAt;
    bytesFullAt = size.fullAt;
    return frames.isAllowed && size.isAllowed;
  }

  return {
    open(socket) {
      isOpen = true;
      const connection: Connection = {
        user,
        socket,
        isSubscribed: false,
        get isOpen() {
          return isOpen;
        },
        answer(frame) {
          if (isOpen) socket.send(JSON.stringify(frame));
        },
        close(reason) {
          if (!isOpen) return;
          isOpen = false;
          socket.close(closeCodes[reason].code, closeCodes[reason].meaning);
        },
      };
      const overflow = () => connection.close("rate_limited");
      const inbox = createInbox({
        prepare: (frame) => prepare(connection, frame),
        maxFrames,
        overflow,
      });
      opened = { connection, push: inbox.push };
      subscriptions.add(connection);
    },
    frame(frame, bytes) {
      if (!opened || !isOpen) return;
      if (isWithinLimits(bytes)) opened.push(frame);
      else opened.connection.close("rate_limited");
    },
    closed() {
      isOpen = false;
      if (opened) subscriptions.remove(opened.connection);
      opened = undefined;
    },
  };
}

/** The handler of a socket that is accepted only to be told why it is closed. */
export const rejected = (reason: CloseReason): SocketHandler => ({
  open: (socket) => socket.close(closeCodes[reason].code, closeCodes[reason].meaning),
  frame: () => {},
  closed: () => {},
});
