// What keeps passwords from being guessed: so many tries that fail, for an account and for an address.
import { Failure } from "../failure.ts";
import type { LimitName } from "../http/limits.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import { emailKey } from "./accounts.store.ts";

interface Try {
  body: { email: string };
  address: string;
  limit(name: LimitName, key: string): void;
}

/** A try that does not fail for its password is given back. */
export function limitSignIn<T>(
  rateLimiter: RateLimiter,
  { body, address, limit }: Try,
  check: () => Promise<T>,
): Promise<T> {
  // By account and address together, so that nobody can lock somebody else out from elsewhere.
  const limits = [
    ["login_account", `${emailKey(body.email)} ${address}`],
    ["login_address", address],
  ] as const;
  for (const [name, key] of limits) limit(name, key);
  return countingOnly("invalid_credentials", check, () => {
    for (const [name, key] of limits) rateLimiter.giveBack(name, key);
  });
}

/** As `limitSignIn`, for somebody who is signed in and says the password again. */
export function limitPassword<T>(
  rateLimiter: RateLimiter,
  { user, limit }: { user: { id: string }; limit: Try["limit"] },
  check: () => Promise<T>,
): Promise<T> {
  limit("password", user.id);
  return countingOnly("wrong_password", check, () => rateLimiter.giveBack("password", user.id));
}

async function countingOnly<T>(
  code: "invalid_credentials" | "wrong_password",
  check: () => Promise<T>,
  giveBack: () => void,
): Promise<T> {
  try {
    const result = await check();
    giveBack();
    return result;
  } catch (error) {
    if (!(error instanceof Failure && error.code === code)) giveBack();
    throw error;
  }
}
