// Who calls: from the Authorization header to a user.
import type { Accounts, Caller } from "../accounts/accounts.ts";
import { Failure } from "../failure.ts";

/** @throws Failure `unauthenticated` */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

export function createAuthenticate({ accounts }: { accounts: Accounts }): Authenticate {
  return async (authorization) => {
    const token = bearerToken(authorization);
    const caller = token === undefined ? undefined : await accounts.authenticate(token);
    if (!caller) throw new Failure("unauthenticated");
    return caller;
  };
}

export const bearerToken = (authorization: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
