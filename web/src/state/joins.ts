// Joins the chats over a connection, a handful at a time, so that a long list stays within the server's limit of frames.
import type { ClientFrame } from "@windi/protocol";
import type { Clock } from "../clock.ts";

const batchSize = 50;
const pauseMs = 1_500;

interface JoinsNeeds {
  clock: Clock;
  send: (frame: ClientFrame) => boolean;
}

export const joinFrame = (chatId: string): ClientFrame => ({
  action: "join_chat",
  chat_id: chatId,
});

export function createJoins({ clock, send }: JoinsNeeds) {
  let waiting: string[] = [];
  let cancel: (() => void) | undefined;

  function next(): void {
    cancel = undefined;
    for (const chatId of waiting.splice(0, batchSize)) send(joinFrame(chatId));
    if (waiting.length > 0) cancel = clock.later(pauseMs, next);
  }

  function stop(): void {
    cancel?.();
    cancel = undefined;
    waiting = [];
  }

  function add(chatIds: readonly string[]): void {
    waiting = [...new Set([...waiting, ...chatIds])];
    if (!cancel) next();
  }

  return {
    add,
    stop,
    /** On a connection that has joined nothing yet. */
    restart(chatIds: readonly string[]): void {
      stop();
      add(chatIds);
    },
  };
}
