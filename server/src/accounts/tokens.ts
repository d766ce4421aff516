// Access tokens: one algorithm, one purpose, an end.
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { Id } from "@windi/protocol";
import { SignJWT } from "jose";
import { z } from "zod";

/** What a token says. */
export interface Access {
  /** The claim `sub`. */
  userId: string;
  /** The claim `sid`: the session that the token was given to, and ends with. */
  sessionId?: string | undefined;
  /** The claim `ver`, which is left out when it is 0: a token is good for as long as the password has this version. */
  passwordVersion: number;
}

export interface Tokens {
  /** A JWT for this user. */
  issue(userId: string, more?: Partial<Access>, minutes?: number): Promise<string>;
  /** What the token says, or undefined for whatever is not a valid access token of ours. */
  verify(token: string): Access | undefined;
  /** Of tokens of which nothing else is said. */
  readonly lifetimeMinutes: number;
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

/** Ours have some 300 characters; what is longer is not worth a hash. */
const maxLength = 1024;

const Claims = z.object({
  sub: Id,
  aud: z.literal(audience),
  iat: z.number().optional(),
  nbf: z.number().optional(),
  exp: z.number(),
  sid: Id.optional(),
  ver: z.int().min(0).default(0),
});

export function createTokens({ secret, algorithm, lifetimeMinutes, now }: TokensNeeds): Tokens {
  const key = createSecretKey(Buffer.from(secret));
  const hash = algorithm.replace("HS", "sha");
  const header = { alg: algorithm, typ: type };
  const encodedHeader = Buffer.from(JSON.stringify(header)).toString("base64url");

  /**
   * What is signed, if it is signed by us. The header is compared to the letter, so nothing in it is ever acted on; so
   * is the signature as it is written, so that a token has one spelling.
   */
  function signedPart(token: string): string | undefined {
    if (token.length > maxLength) return undefined;
    const [head, payload, signature, ...rest] = token.split(".");
    if (head !== encodedHeader || !payload || !signature || rest.length > 0) return undefined;
    const right = Buffer.from(createHmac(hash, key).update(`${head}.${payload}`).digest("base64url"));
    const given = Buffer.from(signature);
    return given.length === right.length && timingSafeEqual(given, right) ? payload : undefined;
  }

  return {
    lifetimeMinutes,
    issue(userId, { sessionId, passwordVersion = 0 } = {}, minutes = lifetimeMinutes) {
      const issuedAt = Math.floor(now() / 1000);
      return new SignJWT({
        ...(sessionId !== undefined && { sid: sessionId }),
        ...(passwordVersion > 0 && { ver: passwordVersion }),
      })
        .setProtectedHeader(header)
        .setSubject(userId)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + minutes * 60)
        .sign(key);
    },
    verify(token) {
      const payload = signedPart(token);
      const claims = payload === undefined ? undefined : Claims.safeParse(parse(payload)).data;
      const seconds = Math.floor(now() / 1000);
      if (!claims || claims.exp <= seconds || (claims.nbf ?? 0) > seconds) return undefined;
      return { userId: claims.sub, sessionId: claims.sid, passwordVersion: claims.ver };
    },
  };
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString());
  } catch {
    return undefined;
  }
}
