// An access token, and until when it is good.

export interface Access {
  readonly token: string;
  /** Milliseconds since 1970, by the clock of this machine. */
  readonly expiresAt: number;
  /** Whether there is a refresh token behind it. */
  readonly isKept: boolean;
}

/** Renewed this long before it ends, if it can be. */
const spareMs = 30_000;

export const isSpent = ({ expiresAt, isKept }: Access, now: number): boolean =>
  now >= expiresAt - (isKept ? spareMs : 0);

/** Whose token it says it is; whether that is true is the server's affair. */
export function readSubject(token: string): string | undefined {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { sub } = JSON.parse(atob(payload)) as { sub?: unknown };
    return typeof sub === "string" ? sub : undefined;
  } catch {
    return undefined;
  }
}
