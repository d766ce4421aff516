// The port between nodes: a hint that something happened. It may lose or repeat; whoever sees a gap reads the log.

export type BusMessage =
  /** A frame for all who hear the chat, but for one user's connections where `exceptUserId` is given. */
  | { kind: "frame"; chatId: string; frame: string; exceptUserId?: string }
  /** These people are out of the chat: their connections hear no more of it. */
  | { kind: "revoke"; chatId: string; userIds: readonly string[] };

export interface Bus extends AsyncDisposable {
  /** To all other nodes, in the order of the calls. Never throws, never waits. */
  publish(message: BusMessage): void;
  /** From all other nodes, never from this one. */
  listen(listener: (message: BusMessage) => void): void;
}
