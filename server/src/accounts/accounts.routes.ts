// Binds the endpoints of accounts to their rules.
import { endpoints } from "@windi/protocol";
import { Failure } from "../failure.ts";
import type { Mount } from "../http/mount.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { Accounts } from "./accounts.ts";
import { emailKey } from "./accounts.store.ts";

export function mountAccounts(
  mount: Mount,
  { accounts, rateLimiter }: { accounts: Accounts; rateLimiter: RateLimiter },
) {
  mount(endpoints.register, ({ body, address, limit }) => {
    limit("register", address);
    return accounts.register(body);
  });

  mount(endpoints.login, async ({ body, address, limit }) => {
    // By account and address together, so that nobody can lock somebody else out from elsewhere.
    const account = `${emailKey(body.email)} ${address}`;
    limit("login_account", account);
    limit("login_address", address);
    try {
      const token = await accounts.login(body);
      rateLimiter.giveBack("login_address", address);
      rateLimiter.giveBack("login_account", account);
      return token;
    } catch (error) {
      if (!(error instanceof Failure && error.code === "invalid_credentials")) {
        rateLimiter.giveBack("login_address", address);
        rateLimiter.giveBack("login_account", account);
      }
      throw error;
    }
  });

  mount(endpoints.getMe, ({ user }) => accounts.profile(user));

  mount(endpoints.changeMe, ({ user, body }) => accounts.changeProfile(user, body));
}
