// The bus within one process: for a single node it has nobody to tell, for several in a test it is the wire.
import type { Bus, BusMessage } from "./bus.ts";

type Listener = (message: BusMessage) => void;

export interface MemoryWire {
  /** One node's end of the wire. */
  connect(): Bus;
}

export function createMemoryWire(): MemoryWire {
  const nodes = new Set<Set<Listener>>();
  return {
    connect() {
      const own = new Set<Listener>();
      nodes.add(own);
      return {
        publish(message) {
          for (const node of nodes) {
            if (node === own) continue;
            for (const listener of node) queueMicrotask(() => node.has(listener) && listener(message));
          }
        },
        listen: (listener) => void own.add(listener),
        [Symbol.asyncDispose]: () => {
          own.clear();
          nodes.delete(own);
          return Promise.resolve();
        },
      };
    },
  };
}
