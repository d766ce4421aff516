// Who could not open a WebSocket or lost it: a line each for whoever looks closely, and counts each minute for the others.
import type { Logger } from "pino";

export interface TurnedAway extends Disposable {
  /** A request to open a WebSocket was answered with this error code. */
  refused(code: string, requestId: string): void;
  /** A WebSocket was closed with this code. */
  closed(code: number): void;
}

interface TurnedAwayNeeds {
  log: Logger;
  intervalMs?: number;
}

/** The client is done (1000, 1001, no code at all), or comes back because it was told to. */
const orderly = new Set([1000, 1001, 1005, 4012]);

export function createTurnedAway({ log, intervalMs = 60_000 }: TurnedAwayNeeds): TurnedAway {
  const refusals = new Map<string, number>();
  const closes = new Map<number, number>();

  function tell() {
    if (refusals.size + closes.size === 0) return;
    const counts = { refused: Object.fromEntries(refusals), closed: Object.fromEntries(closes) };
    log.info(counts, "WebSockets turned away");
    refusals.clear();
    closes.clear();
  }
  const timer = setInterval(tell, intervalMs);
  timer.unref();

  return {
    refused(code, requestId) {
      refusals.set(code, (refusals.get(code) ?? 0) + 1);
      log.debug({ request_id: requestId, code }, "WebSocket refused");
    },
    closed(code) {
      if (orderly.has(code)) return;
      closes.set(code, (closes.get(code) ?? 0) + 1);
      log.debug({ code }, "WebSocket closed");
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      tell();
    },
  };
}
