// One WebSocket that comes back by itself: jittered reconnects, a watch for silence, frames in and out.
import type { ClientFrame, ServerFrame, closeCodes } from "@windi/protocol";
import type { Clock } from "../clock.ts";
import { backoffMs } from "./backoff.ts";

/** The one close code after which the page does not come back: sign in again. */
const unauthenticated: (typeof closeCodes)["unauthenticated"]["code"] = 4001;
/** From here to 4999 a server asks clients not to come back by themselves. */
const finalCodes = 4500;

const connectTimeoutMs = 10_000;
const silenceMs = 25_000;
const answerTimeoutMs = 10_000;
/** A connection that held this long was a good one: the next wait starts small again. */
const steadyMs = 5_000;

interface SocketNeeds {
  clock: Clock;
  /** Address with the token; asked anew for each attempt. */
  address: () => string;
  onOpen: () => void;
  onFrame: (frame: ServerFrame) => void;
  onLost: () => void;
  /** The server wants no more of this session. */
  onRefused: () => void;
  /** A harmless frame that has an answer: asked for when nothing was heard for long. */
  probe: () => ClientFrame | undefined;
}

export function createSocket({ clock, address, onOpen, onFrame, onLost, onRefused, probe }: SocketNeeds) {
  let socket: WebSocket | undefined;
  let isOpen = false;
  let attempt = 0;
  let openedAt = 0;
  let heardAt = 0;
  let cancelTimer = () => {};

  function wait(delayMs: number, run: () => void): void {
    cancelTimer();
    cancelTimer = clock.later(delayMs, run);
  }

  function connect(): void {
    release();
    const current = new WebSocket(address());
    socket = current;
    wait(connectTimeoutMs, lose);
    current.addEventListener("open", () => {
      if (current !== socket) return;
      isOpen = true;
      openedAt = heardAt = clock.now();
      wait(silenceMs, ask);
      onOpen();
    });
    current.addEventListener("message", (event) => {
      if (current !== socket || typeof event.data !== "string") return;
      heardAt = clock.now();
      onFrame(JSON.parse(event.data) as ServerFrame);
    });
    current.addEventListener("close", (event) => {
      if (current !== socket) return;
      if (event.code === unauthenticated || event.code >= finalCodes) {
        stop();
        onRefused();
      } else lose();
    });
  }

  function ask(): void {
    const quietMs = clock.now() - heardAt;
    if (quietMs < silenceMs) return wait(silenceMs - quietMs, ask);
    const question = probe();
    if (!question) return wait(silenceMs, ask);
    const askedAt = clock.now();
    send(question);
    wait(answerTimeoutMs, () => (heardAt >= askedAt ? ask() : lose()));
  }

  /** Gives the connection up and takes a new one after a jittered wait. */
  function lose(): void {
    if (!socket) return;
    const wasOpen = isOpen;
    if (wasOpen && clock.now() - openedAt >= steadyMs) attempt = 0;
    release();
    wait(backoffMs(attempt++, clock.random), connect);
    if (wasOpen) onLost();
  }

  function release(): void {
    cancelTimer();
    isOpen = false;
    const old = socket;
    socket = undefined;
    old?.close();
  }

  /** False when there is no connection; the caller keeps what must not be lost. */
  function send(frame: ClientFrame): boolean {
    if (!socket || !isOpen) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  /** The network or the person is back: do not wait any longer. */
  function hurry(): void {
    if (isOpen) {
      if (clock.now() - heardAt >= silenceMs) ask();
      return;
    }
    // An attempt that runs is left alone, or a fast reader of two tabs would never get through.
    if (socket) return;
    attempt = 0;
    connect();
  }

  function stop(): void {
    release();
  }

  return { connect, send, hurry, lose, stop, isOpen: () => isOpen };
}

export type Socket = ReturnType<typeof createSocket>;
