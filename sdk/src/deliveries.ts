// Those who wait for a message to be stored.
import type { MessageInfo } from "./contract.ts";

interface Waiting {
  promise: Promise<MessageInfo>;
  resolve(message: MessageInfo): void;
  reject(error: Error): void;
}

export function createDeliveries() {
  const waiting = new Map<string, Waiting>();

  function take(key: string): Waiting | undefined {
    const found = waiting.get(key);
    waiting.delete(key);
    return found;
  }

  return {
    wait(key: string): Promise<MessageInfo> {
      const held = waiting.get(key);
      if (held) return held.promise;
      let settle: Omit<Waiting, "promise"> | undefined;
      const promise = new Promise<MessageInfo>((resolve, reject) => (settle = { resolve, reject }));
      if (settle) waiting.set(key, { promise, ...settle });
      return promise;
    },
    resolve: (key: string, message: MessageInfo): void => take(key)?.resolve(message),
    reject: (key: string, error: Error): void => take(key)?.reject(error),
  };
}
