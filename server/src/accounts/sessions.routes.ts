// Binds the endpoints of sessions to their rules, and the refresh token to its cookie.
import { endpoints } from "@windi/protocol";
import type { Mount } from "../http/mount.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { Accounts } from "./accounts.ts";
import { deviceOf, networkOf } from "./device.ts";
import { limitSignIn } from "./sign-in-limit.ts";
import { sessionSeconds, type Place, type Sessions } from "./sessions.ts";
import type { Tickets } from "./tickets.ts";

interface SessionRoutesNeeds {
  accounts: Accounts;
  sessions: Sessions;
  tickets: Tickets;
  rateLimiter: RateLimiter;
}

export function mountSessions(
  mount: Mount,
  { accounts, sessions, tickets, rateLimiter }: SessionRoutesNeeds,
) {
  mount(endpoints.signIn, async (call) => {
    const { body, browser } = call;
    const person = await limitSignIn({ rateLimiter, accounts }, call, () => accounts.check(body));
    const options = { isKept: browser.canKeep, replaced: browser.cookie };
    const { answer, refreshToken } = await sessions.start(person, placeOf(call), options);
    browser.keep(refreshToken, sessionSeconds.absolute);
    return answer;
  });

  mount(endpoints.refresh, async (call) => {
    const { browser, limit } = call;
    const sessionId = sessions.idOf(browser.cookie);
    if (sessionId !== undefined) limit("refresh", sessionId);
    const { answer, refreshToken } = await sessions.refresh(browser.cookie, placeOf(call));
    browser.keep(refreshToken, sessionSeconds.absolute);
    return answer;
  });

  mount(endpoints.logout, async ({ browser, bearer }) => {
    const caller = bearer === undefined ? undefined : await accounts.authenticate(bearer);
    await sessions.logout(browser.cookie, caller?.access);
    browser.forget();
  });

  mount(endpoints.listSessions, async ({ user, access }) => ({
    sessions: await sessions.list(user.id, access.sessionId),
  }));

  mount(endpoints.endSession, ({ user, params }) => sessions.end(user.id, params.session_id));

  mount(endpoints.endOtherSessions, ({ user, access }) => sessions.endOthers(user.id, access.sessionId));

  mount(endpoints.createTicket, ({ user, access, limit }) => {
    limit("ticket", user.id);
    return Promise.resolve(tickets.issue(access));
  });
}

const placeOf = ({ userAgent, address }: { userAgent: string | undefined; address: string }): Place => ({
  device: deviceOf(userAgent),
  address: networkOf(address),
});
