// The access token: held while it is good, asked for again before it ends and when the server refuses it.
import { ApiError, ConnectionError } from "./api-error.ts";
import type { Clock } from "./clock.ts";

/**
 * Gives an access token. Called when none is held, when the one that is held is about to expire, and with the one that
 * the server refused. Then it must give another one: giving the same again, or failing with an `ApiError` that a retry
 * does not mend, means that the user is signed out.
 */
export type TokenHook = (refused: string | undefined) => Promise<string> | string;

/** Gives a ticket that lets one connection in; called before each attempt to connect. */
export type TicketHook = () => Promise<string>;

/** Asked for again this long before it expires. */
const spareMs = 30_000;

interface TokensNeeds {
  hook: TokenHook;
  clock: Clock;
  /** Whose tokens they are, where that is known before there is one. */
  userId?: string | undefined;
}

export interface Tokens {
  current(): Promise<string>;
  /** Another token than the one that was refused; undefined when there is none. */
  renew(refused: string): Promise<string | undefined>;
  /** Whose token it is; undefined until there is one. */
  userId(): string | undefined;
}

export function createTokens({ hook, clock, userId }: TokensNeeds): Tokens {
  let held: string | undefined;
  let asking: Promise<string> | undefined;

  function ask(refused: string | undefined): Promise<string> {
    asking ??= askHook(refused).finally(() => (asking = undefined));
    return asking;
  }

  async function askHook(refused: string | undefined): Promise<string> {
    held = await askFor(() => hook(refused));
    return held;
  }

  return {
    async current() {
      const expiresAt = held === undefined ? 0 : readClaims(held).expiresAt;
      return held !== undefined && clock.now() < expiresAt - spareMs ? held : ask(undefined);
    },
    async renew(refused) {
      // Whoever else asks now may have asked before the refusal.
      await asking;
      if (held === refused || held === undefined) await ask(refused);
      return held === refused ? undefined : held;
    },
    userId: () => (held === undefined ? userId : readClaims(held).userId),
  };
}

/** Whatever a hook fails with that is no refusal, may pass. */
export async function askFor<T>(hook: () => Promise<T> | T): Promise<T> {
  try {
    return await hook();
  } catch (cause) {
    throw cause instanceof ApiError ? cause : new ConnectionError("token", { cause });
  }
}

/** What the token says of itself; whether it is true is the server's affair. */
function readClaims(token: string): { userId: string | undefined; expiresAt: number } {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(atob(payload)) as { sub?: unknown; exp?: unknown };
    return {
      userId: typeof claims.sub === "string" ? claims.sub : undefined,
      expiresAt: typeof claims.exp === "number" ? claims.exp * 1000 : Infinity,
    };
  } catch {
    return { userId: undefined, expiresAt: Infinity };
  }
}
