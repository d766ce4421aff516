// Whether there is something to say about the connection: not before it has been away for a while, and then quietly.
import { createObservable, type Clock, type ConnectionState, type Observable } from "@windi/sdk";

export type ConnectionLine = "offline" | "connecting" | "updating" | undefined;

export interface ConnectionLines extends Observable<ConnectionLine> {
  /** The browser has a network, or has none. */
  networkChanged(): void;
  dispose(): void;
}

interface ConnectionLinesNeeds {
  connection: Observable<ConnectionState>;
  clock: Clock;
  isOnline: () => boolean;
}

/** A shorter break is nobody's concern. */
const quietMs = 2000;

export function createConnectionLines({
  connection,
  clock,
  isOnline,
}: ConnectionLinesNeeds): ConnectionLines {
  const line = createObservable<ConnectionLine>(undefined);
  let isDue = false;
  let cancel: (() => void) | undefined;

  function show(): void {
    const { phase } = connection.get();
    if (phase === "subscribed" || phase === "closed" || phase === "idle") {
      cancel?.();
      cancel = undefined;
      isDue = false;
    } else
      cancel ??= clock.later(quietMs, () => {
        isDue = true;
        show();
      });
    line.set(isDue ? describe(phase, isOnline()) : undefined);
  }

  const stop = connection.subscribe(show);
  return {
    get: line.get,
    subscribe: line.subscribe,
    networkChanged: show,
    dispose() {
      stop();
      cancel?.();
    },
  };
}

function describe(phase: ConnectionState["phase"], isOnline: boolean): ConnectionLine {
  if (!isOnline) return "offline";
  return phase === "subscribing" ? "updating" : "connecting";
}
