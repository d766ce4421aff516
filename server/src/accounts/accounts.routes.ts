// Binds the endpoints of accounts to their rules.
import { endpoints } from "@windi/protocol";
import type { Mount } from "../http/mount.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { Accounts } from "./accounts.ts";
import type { Profiles } from "./profile.ts";
import { limitPassword, limitSignIn } from "./sign-in-limit.ts";

interface AccountRoutesNeeds {
  accounts: Accounts;
  profiles: Profiles;
  rateLimiter: RateLimiter;
}

export function mountAccounts(mount: Mount, { accounts, profiles, rateLimiter }: AccountRoutesNeeds) {
  mount(endpoints.register, ({ body, address, limit }) => {
    limit("register", address);
    return accounts.register(body);
  });

  mount(endpoints.login, (call) =>
    limitSignIn({ rateLimiter, accounts }, call, () => accounts.login(call.body)),
  );

  mount(endpoints.getMe, ({ user }) => profiles.read(user.id));

  mount(endpoints.changeMe, async (call) => {
    const { user, body, limit } = call;
    const isTold = body.name !== undefined || body.email !== undefined;
    if (isTold) limit("profile", user.id);
    const change = () => profiles.change(user.id, body);
    try {
      return await (body.email === undefined ? change() : limitPassword(rateLimiter, call, change));
    } catch (error) {
      if (isTold) rateLimiter.giveBack("profile", user.id);
      throw error;
    }
  });

  mount(endpoints.changePassword, (call) => {
    const { user, access, body } = call;
    return limitPassword(rateLimiter, call, () => profiles.changePassword(user.id, access.sessionId, body));
  });
}
