// The port between nodes: a hint that something happened. It may lose or repeat; whoever sees a gap reads the log.

/** What travels: a small head that only nodes read, and a frame that is passed on to sockets as it is. */
export interface BusMessage<Head> {
  head: Head;
  frame?: string;
}

export interface Bus<Head> extends AsyncDisposable {
  /** To all other nodes that follow the chat, in the order of the calls. Never throws, never waits. */
  publish(chatId: string, message: BusMessage<Head>): void;
  /** To all other nodes, in the order of the calls. Never throws, never waits. */
  broadcast(message: BusMessage<Head>): void;
  /** From all other nodes, never from this one. */
  listen(listener: (message: BusMessage<Head>) => void): void;
  /** This node soon hears what others publish of the chat, once the wire knows. To follow it again changes nothing. */
  follow(chatId: string): void;
  /** The chat is no longer of interest; what is published of it may still arrive for a while. */
  unfollow(chatId: string): void;
  /** There can be no other nodes now. */
  readonly isAlone: boolean;
  /** Whether messages get through now, as far as is known. */
  readonly isConnected: boolean;
  /** Called each time that messages get through again after they did not: what was sent meanwhile is lost. */
  onRestored(listener: () => void): void;
}
