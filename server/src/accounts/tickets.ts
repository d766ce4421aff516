// Tickets: each opens one WebSocket, once on all nodes, within seconds. It stands for the token that it was given for.
import { randomBytes } from "node:crypto";
import type { WebSocketTicket } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { databaseFailure } from "../database/failures.ts";
import { createBatches } from "../messages/batches.ts";
import { createSeal } from "./seal.ts";
import type { Access } from "./tokens.ts";
import { redeem } from "./tickets.store.ts";

export interface Tickets {
  issue(access: Access): WebSocketTicket;
  /** What it stands for, the first time that it is asked within its time; else undefined. */
  use(ticket: string): Promise<Access | undefined>;
}

interface TicketsNeeds {
  secret: string;
  database: Database;
  /** Milliseconds since 1970. */
  now(): number;
}

const lifetimeMs = 30_000;

export function createTickets({ secret, database, now }: TicketsNeeds): Tickets {
  const seal = createSeal(secret, "websocket ticket");
  const redemptions = createBatches({
    run: (ids: readonly string[]) =>
      redeem(database, ids).catch((error: unknown) => {
        throw databaseFailure(error) ?? error;
      }),
    maxBatch: 500,
    maxWaiting: 20_000,
  });

  return {
    issue({ userId, sessionId = "", passwordVersion }) {
      const id = randomBytes(32).toString("base64url");
      // Characters that the name of a subprotocol may have.
      const text = [id, now() + lifetimeMs, userId, sessionId, passwordVersion].join(".");
      return { ticket: seal.close(text), expires_in_ms: lifetimeMs };
    },
    async use(ticket) {
      const text = seal.open(ticket);
      if (text === undefined) return undefined;
      const [id = "", endsAtMs, userId = "", sessionId = "", passwordVersion] = text.split(".");
      if (Number(endsAtMs) <= now() || !(await redemptions.add(id))) return undefined;
      return { userId, sessionId: sessionId || undefined, passwordVersion: Number(passwordVersion) };
    },
  };
}
