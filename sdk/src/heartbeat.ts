// Notices a connection that is dead though nobody closed it: asks when nothing was heard for long, and waits for an answer.
import type { Clock } from "./clock.ts";

/** Nothing heard for this long: ask. The server's own pings are invisible to a browser's page. */
const silenceMs = 25_000;
const answerMs = 10_000;

interface HeartbeatNeeds {
  clock: Clock;
  /** Sends something that is answered. */
  ask: () => void;
  onDead: () => void;
}

export interface Heartbeat {
  /** Something was heard. */
  heard(): void;
  /** Asks at once: there is a reason for doubt. */
  check(): void;
  start(): void;
  stop(): void;
}

export function createHeartbeat({ clock, ask, onDead }: HeartbeatNeeds): Heartbeat {
  let heardAt = 0;
  let isDoubted = false;
  let cancel = () => {};

  function watch(): void {
    isDoubted = false;
    // A clock may have fractions, and a wait of less than one could end before its time, again and again.
    cancel = clock.later(Math.ceil(silenceMs - (clock.now() - heardAt)), () => {
      if (clock.now() - heardAt < silenceMs) watch();
      else check();
    });
  }

  function check(): void {
    if (isDoubted) return;
    cancel();
    isDoubted = true;
    cancel = clock.later(answerMs, () => (isDoubted ? onDead() : watch()));
    ask();
  }

  return {
    heard() {
      heardAt = clock.now();
      isDoubted = false;
    },
    check,
    start() {
      cancel();
      heardAt = clock.now();
      watch();
    },
    stop() {
      cancel();
      isDoubted = false;
    },
  };
}
