// Access tokens: one algorithm, one purpose, an end.
import { Id } from "@windi/protocol";
import { SignJWT, jwtVerify } from "jose";

export interface Tokens {
  /** A JWT for this user; `sub` is the user's id. */
  issue(userId: string): Promise<string>;
  /** The user's id, or undefined for whatever is not a valid access token of ours. */
  verify(token: string): Promise<string | undefined>;
}

interface TokensNeeds {
  secret: string;
  algorithm: "HS256" | "HS384" | "HS512";
  lifetimeMinutes: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** In the header (RFC 9068): a token that is signed for another purpose is none for this one. */
const type = "at+jwt";
const audience = "windi:access";

export function createTokens({ secret, algorithm, lifetimeMinutes, now }: TokensNeeds): Tokens {
  const key = new TextEncoder().encode(secret);
  return {
    issue(userId) {
      const issuedAt = Math.floor(now() / 1000);
      return new SignJWT()
        .setProtectedHeader({ alg: algorithm, typ: type })
        .setSubject(userId)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeMinutes * 60)
        .sign(key);
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          typ: type,
          audience,
          requiredClaims: ["sub", "exp"],
          currentDate: new Date(now()),
        });
        return Id.safeParse(payload.sub).data;
      } catch {
        return undefined;
      }
    },
  };
}
