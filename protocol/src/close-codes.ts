// Why the server closes a WebSocket, and what a client does then.

interface CloseCodeEntry {
  code: number;
  /** Whether the client comes back by itself, with backoff and jitter. */
  reconnect: boolean;
  meaning: string;
}

/**
 * 4000–4499: come back with backoff. 4500–4999: never by yourself. The one exception is the seed's 4001, which its
 * clients take as "sign in again". A reader that is too slow is cut without a close frame (1006): come back and resume.
 */
export const closeCodes = {
  unauthenticated: {
    code: 4001,
    reconnect: false,
    meaning: "The token is missing, wrong or expired: sign in again",
  },
  restarting: {
    code: 4012,
    reconnect: true,
    meaning: "The server restarts or moves this connection: come back",
  },
  unavailable: {
    code: 4013,
    reconnect: true,
    meaning: "The server cannot check the token now: come back later",
  },
  rate_limited: {
    code: 4029,
    reconnect: true,
    meaning: "Too many frames, bytes or connections: come back later",
  },
  internal: { code: 4011, reconnect: true, meaning: "A fault of the server: come back" },
} as const satisfies Record<string, CloseCodeEntry>;

export type CloseReason = keyof typeof closeCodes;
