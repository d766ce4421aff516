// Somebody who connects, follows everything and never reads: cut by the server again and again, and back each time.
import { openRawSocket } from "../tests/raw-socket.ts";

export interface Idler {
  /** How often the connection was ended. */
  readonly cuts: number;
  stop(): Promise<void>;
}

const pauseMs = 500;

/** @param url where to connect to at the moment */
export function startIdler(url: () => string, token: string): Idler {
  let cuts = 0;
  const over = new AbortController();
  const { signal } = over;

  async function idle(): Promise<void> {
    while (!signal.aborted) {
      const target = `/ws?token=${token}`;
      const socket = await openRawSocket(url(), { target, answersPings: false, signal });
      if (socket.status === 101) {
        socket.sendJson({ action: "subscribe" });
        socket.pause();
        await socket.closed;
        cuts++;
      }
      if (!signal.aborted) await Bun.sleep(pauseMs);
    }
  }
  const idling = idle();
  return {
    get cuts() {
      return cuts;
    },
    async stop() {
      over.abort();
      await idling;
    },
  };
}
