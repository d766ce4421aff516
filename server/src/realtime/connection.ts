// One client's connection: its user, its socket, its limits. What its frames do is in actions.ts.
import { closeCodes, type CloseReason, type ServerFrame, type UserInfo } from "@windi/protocol";
import type { Caller } from "../accounts/accounts.ts";
import type { Limits } from "../http/limits.ts";
import { takeFrom } from "../http/rate-limit.ts";
import type { Socket, SocketHandler } from "../runtime/bun.ts";
import { createInboxes, type Inboxes, type Task } from "./inbox.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface Connection {
  /** Under the name that the user has now. */
  user: UserInfo;
  /** The session that it was opened in. */
  readonly sessionId: string | undefined;
  /** The version of the password that its token was good for. */
  readonly passwordVersion: number;
  readonly isOpen: boolean;
  readonly socket: Socket;
  /** Follows all chats of its user. */
  isSubscribed: boolean;
  answer(frame: ServerFrame): void;
  close(reason: CloseReason): void;
}

interface ConnectionsNeeds {
  prepare(connection: Connection, frame: string | undefined): Task;
  subscriptions: Subscriptions;
  limits: Limits;
  /** Milliseconds since any moment. */
  now(): number;
}

/** Frames of one connection that wait or are under way. */
const maxFrames = 512;

/** What all connections have in common. */
interface Common extends Pick<ConnectionsNeeds, "subscriptions" | "limits" | "now"> {
  inboxes: Inboxes<Connection>;
}

/** What makes the handler of a socket whose user is known. */
export function createConnections(needs: ConnectionsNeeds): (caller: Caller) => SocketHandler {
  const { prepare, subscriptions, limits, now } = needs;
  const overflow = (connection: Connection) => connection.close("rate_limited");
  const inboxes = createInboxes({ prepare, maxFrames, overflow });
  const common: Common = { subscriptions, limits, now, inboxes };
  return (caller) => new HandledConnection(caller, common);
}

/** A class, since there are many of them: closures would be seven more objects for each. */
class HandledConnection implements Connection, SocketHandler {
  user: UserInfo;
  readonly sessionId: string | undefined;
  readonly passwordVersion: number;
  /** There before anybody hears of this connection. */
  socket!: Socket;
  isOpen = false;
  isSubscribed = false;
  private readonly common: Common;
  private framesFullAt = 0;
  private bytesFullAt = 0;

  constructor({ user, access }: Caller, common: Common) {
    this.user = user;
    this.sessionId = access.sessionId;
    this.passwordVersion = access.passwordVersion;
    this.common = common;
  }

  open(socket: Socket): void {
    this.socket = socket;
    this.isOpen = true;
    this.common.subscriptions.add(this);
  }

  answer(frame: ServerFrame): void {
    if (this.isOpen) this.socket.send(JSON.stringify(frame));
  }

  close(reason: CloseReason): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.socket.close(closeCodes[reason].code, closeCodes[reason].meaning);
  }

  frame(frame: string | undefined, bytes: number): void {
    if (!this.isOpen) return;
    if (this.isWithinLimits(bytes)) this.common.inboxes.push(this, frame);
    else this.close("rate_limited");
  }

  closed(): void {
    this.isOpen = false;
    this.common.subscriptions.remove(this);
  }

  /** Whether this frame is within what one connection may send. */
  private isWithinLimits(bytes: number): boolean {
    const { limits, now } = this.common;
    if (!limits) return true;
    const at = now();
    const frames = takeFrom(limits.frames, this.framesFullAt, at, 1);
    const size = takeFrom(limits.bytes, this.bytesFullAt, at, bytes);
    this.framesFullAt = frames.fullAt;
    this.bytesFullAt = size.fullAt;
    return frames.isAllowed && size.isAllowed;
  }
}

/** The handler of a socket that is accepted only to be told why it is closed. */
export const rejected = (reason: CloseReason): SocketHandler => ({
  open: (socket) => socket.close(closeCodes[reason].code, closeCodes[reason].meaning),
  frame: () => {},
  closed: () => {},
});
