// Somebody who connects, follows everything and never reads: cut by the server again and again, and back each time.
import { openRawSocket, type RawSocket } from "../tests/raw-socket.ts";

export interface Idler {
  /** How often the connection was ended. */
  readonly cuts: number;
  stop(): Promise<void>;
}

const pauseMs = 500;

/** @param url where to connect to at the moment */
export function startIdler(url: () => string, token: string): Idler {
  let cuts = 0;
  let isOver = false;
  let socket: RawSocket | undefined;

  async function idle(): Promise<void> {
    while (!isOver) {
      const opened = await openRawSocket(url(), { target: `/ws?token=${token}`, answersPings: false });
      socket = opened;
      if (opened.status === 101) {
        opened.sendJson({ action: "subscribe" });
        opened.pause();
        await opened.closed;
        cuts++;
      }
      if (!isOver) await Bun.sleep(pauseMs);
    }
  }
  const idling = idle();
  return {
    get cuts() {
      return cuts;
    },
    async stop() {
      isOver = true;
      socket?.destroy();
      await idling;
    },
  };
}
