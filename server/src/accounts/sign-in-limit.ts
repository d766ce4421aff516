// What keeps passwords from being guessed: so many tries that fail, by account, by address and by session.
import { Failure } from "../failure.ts";
import type { LimitName } from "../http/limits.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { Accounts } from "./accounts.ts";
import { emailKey } from "./accounts.store.ts";
import type { Access } from "./tokens.ts";

interface Try {
  body: { email: string };
  address: string;
  limit(name: LimitName, key: string): void;
}

/** A try that does not fail for its password is given back. */
export async function limitSignIn<T>(
  { rateLimiter, accounts }: { rateLimiter: RateLimiter; accounts: Pick<Accounts, "isSignedInFrom"> },
  { body, address, limit }: Try,
  check: () => Promise<T>,
): Promise<T> {
  const account = emailKey(body.email);
  const taken: [LimitName, string][] = [];
  const take = (name: LimitName, key: string) => {
    limit(name, key);
    taken.push([name, key]);
  };
  take("login_account", `${account} ${address}`);
  take("login_address", address);
  // Whoever guesses from many addresses must not lock the owner out where their devices are.
  if (!(await accounts.isSignedInFrom(body.email, address))) take("login_everywhere", account);
  return countingOnly("invalid_credentials", check, () => {
    for (const [name, key] of taken) rateLimiter.giveBack(name, key);
  });
}

/** As `limitSignIn`, for somebody who is signed in and says the password again; by session, as nobody has many. */
export function limitPassword<T>(
  rateLimiter: RateLimiter,
  { access, limit }: { access: Access; limit: Try["limit"] },
  check: () => Promise<T>,
): Promise<T> {
  const key = `${access.userId} ${access.sessionId ?? ""}`;
  limit("password", key);
  return countingOnly("wrong_password", check, () => rateLimiter.giveBack("password", key));
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
