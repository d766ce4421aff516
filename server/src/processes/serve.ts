// One server from its start to its end.
import type { Logger } from "pino";
import type { App } from "../app.ts";
import type { EndRequest } from "./parent.ts";

interface ServeNeeds {
  app: App;
  log: Logger;
  end: Promise<EndRequest>;
  onReady(): void;
}

/** Resolves when the server has ended because it was asked to; rejects when it cannot start. */
export async function serve({ app, log, end, onReady }: ServeNeeds): Promise<void> {
  let isEnding = false;

  async function drain(): Promise<void> {
    const { reason, othersListen } = await end;
    isEnding = true;
    log.info({ signal: reason }, "draining");
    await app.drain({ othersListen });
  }
  async function start(): Promise<void> {
    try {
      await app.ready;
      onReady();
    } catch (error) {
      // A start that is broken off fails somewhere.
      if (!isEnding) throw error;
    }
    await ended;
  }

  const ended = drain();
  await Promise.race([ended, start()]);
}
