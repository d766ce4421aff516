// What a client does after a connection has ended: whether it comes back, and when.
import { backoffMs } from "./backoff.ts";
import type { CloseCodes } from "./contract.ts";

/** The compiler holds this table to the contract. */
const closeCodes = {
  unauthenticated: { code: 4001, reconnect: false },
  restarting: { code: 4012, reconnect: true },
  unavailable: { code: 4013, reconnect: true },
  rate_limited: { code: 4029, reconnect: true },
  internal: { code: 4011, reconnect: true },
} as const satisfies CloseCodes;

/** `renew`: with another token · `come_back`: after a wait · `stay_away`: never by itself. */
export type AfterClose = "renew" | "come_back" | "stay_away";

/** 4000–4499 and everything below: come back. From 4500 to 4999: stay away. */
export function afterClose(code: number): AfterClose {
  if (code === closeCodes.unauthenticated.code) return "renew";
  const known = Object.values(closeCodes).find((entry) => entry.code === code);
  return (known?.reconnect ?? code < 4500) ? "come_back" : "stay_away";
}

/** A connection that held this long was a good one: the next wait starts small again. */
const healthyMs = 5000;
/** Not even a person who is impatient makes a client come back more often. */
const leastGapMs = 1000;

interface ReconnectNeeds {
  now: () => number;
  random: () => number;
}

export type Reconnect = ReturnType<typeof createReconnect>;

/** Counts attempts, and knows what the server asked for. */
export function createReconnect({ now, random }: ReconnectNeeds) {
  let attempt = 0;
  let triedAt = -Infinity;
  let subscribedAt: number | undefined;
  let welcomeAt = 0;

  const wasHealthy = () => subscribedAt !== undefined && now() - subscribedAt >= healthyMs;

  return {
    tried(): void {
      triedAt = now();
      subscribedAt = undefined;
    },
    subscribed: (): void => void (subscribedAt = now()),
    /** The server says when it wants to see this client again. */
    askedToComeBack: (afterMs: number): void => void (welcomeAt = now() + afterMs),
    /** Whether the connection that ends now was a good one. */
    wasHealthy,
    /** How long to wait from now. */
    nextDelayMs(): number {
      if (wasHealthy()) attempt = 0;
      return Math.max(0, welcomeAt - now()) + backoffMs(attempt++, random);
    },
    /** How long to wait when somebody is in a hurry: the network or the person is back. */
    hurriedDelayMs: (): number => Math.max(0, welcomeAt - now(), triedAt + leastGapMs - now()),
  };
}
