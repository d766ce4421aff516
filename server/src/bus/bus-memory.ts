// The bus within one process: for a single node it has nobody to tell, for several in a test it is the wire.
import { decodeMessage, encodeMessage } from "./encoding.ts";
import type { Bus, BusMessage } from "./bus.ts";

export interface MemoryWire<Head> {
  /** One node's end of the wire. */
  connect(): Bus<Head>;
  /** From now on nothing gets through, until `restore`. */
  interrupt(): void;
  restore(): void;
}

interface Node {
  chats: Set<string>;
  hear(text: string): void;
  restored(): void;
}

export function createMemoryWire<Head>(): MemoryWire<Head> {
  const nodes = new Set<Node>();
  let isConnected = true;

  /** Each node reads a copy of its own, as from any other wire. */
  function send(from: Node, message: BusMessage<Head>, isFor: (node: Node) => boolean): void {
    if (!isConnected || nodes.size < 2) return;
    const text = encodeMessage(message);
    for (const node of nodes) {
      if (node !== from && isFor(node)) queueMicrotask(() => nodes.has(node) && node.hear(text));
    }
  }

  function connect(): Bus<Head> {
    const listeners = new Set<(message: BusMessage<Head>) => void>();
    const onRestored = new Set<() => void>();
    const own: Node = {
      chats: new Set(),
      hear(text) {
        const message = decodeMessage<Head>(text);
        for (const listener of listeners) listener(message);
      },
      restored() {
        for (const listener of onRestored) listener();
      },
    };
    nodes.add(own);
    return {
      publish: (chatId, message) => send(own, message, (node) => node.chats.has(chatId)),
      broadcast: (message) => send(own, message, () => true),
      listen: (listener) => void listeners.add(listener),
      follow: (chatId) => void own.chats.add(chatId),
      unfollow: (chatId) => void own.chats.delete(chatId),
      get isAlone() {
        return nodes.size < 2;
      },
      get isConnected() {
        return isConnected;
      },
      onRestored: (listener) => void onRestored.add(listener),
      [Symbol.asyncDispose]() {
        nodes.delete(own);
        return Promise.resolve();
      },
    };
  }

  return {
    connect,
    interrupt() {
      isConnected = false;
    },
    restore() {
      if (isConnected) return;
      isConnected = true;
      for (const node of nodes) node.restored();
    },
  };
}
