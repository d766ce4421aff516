// Refresh tokens: made from the session and the count of its refreshes, so that nothing in the database is one.
import { createSeal } from "./seal.ts";

export interface RefreshTokens {
  write(of: { sessionId: string; generation: number }): string;
  /** Undefined for whatever is none of ours. */
  read(token: string): { sessionId: string; generation: number } | undefined;
}

export function createRefreshTokens(secret: string): RefreshTokens {
  const seal = createSeal(secret, "refresh token");
  return {
    write: ({ sessionId, generation }) => seal.close(`${sessionId}.${generation}`),
    read(token) {
      const [sessionId, generation] = seal.open(token)?.split(".") ?? [];
      return sessionId === undefined ? undefined : { sessionId, generation: Number(generation) };
    },
  };
}
