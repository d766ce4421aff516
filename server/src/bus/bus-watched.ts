// Any bus, with somebody who is told how much passes.
import type { Bus } from "./bus.ts";

export interface BusWatch {
  sent(): void;
  heard(): void;
  restored(): void;
}

export function watchBus<Head>(bus: Bus<Head>, watch: BusWatch): Bus<Head> {
  bus.onRestored(watch.restored);
  return {
    publish(chatId, message) {
      watch.sent();
      bus.publish(chatId, message);
    },
    broadcast(message) {
      watch.sent();
      bus.broadcast(message);
    },
    listen(listener) {
      bus.listen((message) => {
        watch.heard();
        listener(message);
      });
    },
    follow: (chatId) => bus.follow(chatId),
    unfollow: (chatId) => bus.unfollow(chatId),
    get isAlone() {
      return bus.isAlone;
    },
    get isConnected() {
      return bus.isConnected;
    },
    onRestored: (listener) => bus.onRestored(listener),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}
