// A server process's line to its supervisor.
import { z } from "zod";

/** From a server process to its supervisor: it serves now. */
export const Ready = z.object({ kind: z.literal("ready"), url: z.string() });
export type Ready = z.infer<typeof Ready>;

/** From a supervisor to a server process: finish and end, while others serve. */
export const retire = { kind: "retire" } as const;

/** Why a process ends, and whether others listen on its port meanwhile. */
export interface EndRequest {
  reason: string;
  othersListen: boolean;
}

export interface Parent {
  readonly end: Promise<EndRequest>;
  tellReady(url: string): void;
}

export function connectToParent(): Parent {
  const { promise: end, resolve } = Promise.withResolvers<EndRequest>();
  const orphaned = () => resolve({ reason: "the supervisor is gone", othersListen: false });
  process.on("message", () => resolve({ reason: "restart", othersListen: true }));
  process.on("disconnect", orphaned);
  if (!process.connected) orphaned();
  return {
    end,
    tellReady(url) {
      if (process.connected) process.send?.({ kind: "ready", url } satisfies Ready);
    },
  };
}
