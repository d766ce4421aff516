// Who calls: from the Authorization header to a user.
import type { UserInfo } from "@windi/protocol";
import type { Accounts } from "../accounts/accounts.ts";
import { Failure } from "../failure.ts";

/** @throws Failure `unauthenticated` */
export type Authenticate = (authorization: string | undefined) => Promise<UserInfo>;

export function createAuthenticate({ accounts }: { accounts: Accounts }): Authenticate {
  return async (authorization) => {
    const token = bearerToken(authorization);
    const user = token === undefined ? undefined : await accounts.authenticate(token);
    if (!user) throw new Failure("unauthenticated");
    return user;
  };
}

export const bearerToken = (authorization: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
