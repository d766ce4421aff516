// Ending connections whose session or password is over, on every node: at once, and also those that are being opened.
import type { Bus } from "../bus/bus.ts";
import type { AccountNews } from "../accounts/news.ts";
import type { Connection } from "./connection.ts";
import type { NodeMessage } from "./node-message.ts";
import type { Subscriptions } from "./subscriptions.ts";

export type SignOut = Extract<NodeMessage, { kind: "signed_out" }>;

export interface SignOuts extends Pick<AccountNews, "sessionsEnded" | "passwordChanged"> {
  /** A connection is open now; it may have been looked up before its session ended. */
  opened(connection: Connection): void;
}

interface SignOutsNeeds {
  subscriptions: Pick<Subscriptions, "of">;
  bus: Pick<Bus<NodeMessage>, "broadcast" | "listen">;
  /** Milliseconds since any moment. */
  now(): number;
}

/** Longer than whoever is let in can have waited for the database. */
const rememberMs = 60_000;

export function createSignOuts({ subscriptions, bus, now }: SignOutsNeeds): SignOuts {
  /** Since when each has been over; the one that was told longest ago first. */
  const sessions = new Map<string, { at: number }>();
  const passwords = new Map<string, { version: number; at: number }>();

  function remember<Over extends { at: number }>(all: Map<string, Over>, id: string, over: Over): void {
    all.delete(id);
    all.set(id, over);
  }

  function forget(all: Map<string, { at: number }>): void {
    const before = now() - rememberMs;
    for (const [id, { at }] of all) {
      if (at > before) return;
      all.delete(id);
    }
  }

  /** A session outlives a change of the password, unless it is ended with it. */
  const isOver = ({ user, sessionId, passwordVersion }: Connection) =>
    sessionId === undefined
      ? passwordVersion < (passwords.get(user.id)?.version ?? 0)
      : sessions.has(sessionId);

  function hear({ userId, sessionIds, passwordVersion }: SignOut): void {
    forget(sessions);
    forget(passwords);
    const at = now();
    for (const id of sessionIds) remember(sessions, id, { at });
    if (passwordVersion !== undefined) {
      // Two changes may be told in the other order.
      const version = Math.max(passwordVersion, passwords.get(userId)?.version ?? 0);
      remember(passwords, userId, { version, at });
    }
    for (const connection of subscriptions.of(userId)) opened(connection);
  }

  function opened(connection: Connection): void {
    if (isOver(connection)) connection.close("unauthenticated");
  }

  function tell(head: SignOut): void {
    hear(head);
    bus.broadcast({ head });
  }

  bus.listen(({ head }) => {
    if (head.kind === "signed_out") hear(head);
  });

  return {
    opened,
    sessionsEnded: (userId, sessionIds) => tell({ kind: "signed_out", userId, sessionIds }),
    passwordChanged: (userId, passwordVersion) =>
      tell({ kind: "signed_out", userId, sessionIds: [], passwordVersion }),
  };
}
