// A browser for tests: its tabs, with locks, channels and storage, and the accounts of a server that they talk to.
import type { Clock, Fetch, MyProfile } from "@windi/sdk";
import type { TabChannel } from "./tabs.ts";

export function createFakeLocks() {
  let last: Promise<unknown> = Promise.resolve();
  const request = (_name: string, run: () => unknown) => {
    const own = last.then(() => run());
    last = own.catch(() => {});
    return own;
  };
  return { request } as Pick<LockManager, "request">;
}

/** What one tab posts, all others hear, a moment later. */
export function createFakeChannels(clock: Clock) {
  const open = new Set<(event: { data: unknown }) => void>();
  const posted: unknown[] = [];
  return {
    posted,
    open(): TabChannel {
      const own = new Set<(event: { data: unknown }) => void>();
      let isClosed = false;
      return {
        postMessage(data: unknown) {
          if (isClosed) throw new DOMException("The channel is closed", "InvalidStateError");
          posted.push(data);
          const others = [...open].filter((listener) => !own.has(listener));
          clock.later(1, () => {
            for (const listener of others) if (open.has(listener)) listener({ data: structuredClone(data) });
          });
        },
        addEventListener(_type: "message", listener: (event: { data: unknown }) => void) {
          own.add(listener);
          open.add(listener);
        },
        close() {
          isClosed = true;
          for (const listener of own) open.delete(listener);
        },
      };
    },
  };
}

export function createFakeStorage() {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
  };
}

interface Account extends MyProfile {
  password: string;
}

const lastsMs = 600_000;

/** The accounts of a server, and the cookie that one browser has for it. */
export function createFakeAccounts(clock: Clock) {
  const accounts: Account[] = [];
  const control = {
    isDown: false,
    /** Whether a cookie is given. */
    keeps: true,
    /** `POST /auth/refresh`, in order. */
    calls: [] as string[],
    /** Which calls came with the browser's cookies. */
    withCookies: [] as string[],
    cookie: undefined as string | undefined,
    refusedTokens: new Set<string>(),
  };
  let tokens = 0;

  const refuse = (status: number, code: string) =>
    Response.json({ detail: code, code, request_id: "r-1" }, { status });

  function give({ id }: Account): Response {
    if (control.keeps) control.cookie = id;
    const claims = { sub: id, exp: Math.floor((clock.now() + lastsMs) / 1000), mark: ++tokens };
    const answer = { expires_in_ms: lastsMs, session_id: `session-${tokens}`, is_kept: control.keeps };
    return Response.json({ ...answer, access_token: `head.${btoa(JSON.stringify(claims))}.signature` });
  }

  const show = ({ id, name, email, shows_presence }: Account): MyProfile => ({
    id,
    name,
    email,
    shows_presence,
  });

  function whose(token: string): Account | undefined {
    if (control.refusedTokens.has(token)) return undefined;
    const { sub, exp } = JSON.parse(atob(token.split(".")[1] ?? "")) as { sub: string; exp: number };
    return exp * 1000 > clock.now() ? accounts.find(({ id }) => id === sub) : undefined;
  }

  function handle(call: string, init: RequestInit): Response {
    const body = init.body ? (JSON.parse(init.body as string) as Partial<Account>) : {};
    if (call === "POST /auth/register") {
      const account = { ...body, id: `user-${body.name}`, shows_presence: true } as Account;
      accounts.push(account);
      return Response.json(show(account), { status: 201 });
    }
    const own = accounts.find(({ id }) => id === control.cookie);
    if (call === "POST /auth/sessions") {
      const found = accounts.find(
        ({ email, password }) => email === body.email && password === body.password,
      );
      return found ? give(found) : refuse(401, "invalid_credentials");
    }
    if (call === "POST /auth/refresh") return own ? give(own) : refuse(401, "session_ended");
    const token = (new Headers(init.headers).get("authorization") ?? "").replace("Bearer ", "");
    if (call === "POST /auth/logout") {
      control.cookie = undefined;
      if (token !== "") control.refusedTokens.add(token);
      return new Response(null, { status: 204 });
    }
    const account = token === "" ? undefined : whose(token);
    if (!account) return refuse(401, "unauthenticated");
    if (call === "PATCH /auth/me") Object.assign(account, body);
    if (call === "POST /auth/ws-ticket") return Response.json({ ticket: "one", expires_in_ms: 30_000 });
    return Response.json(show(account));
  }

  const fetch: Fetch = async (url, init) => {
    const call = `${init.method} ${new URL(url).pathname.replace("/api/v1", "")}`;
    control.calls.push(call);
    if (init.credentials === "same-origin") control.withCookies.push(call);
    await new Promise<void>((resolve) => void clock.later(1, resolve));
    if (control.isDown) throw new TypeError("The network is down");
    return handle(call, init);
  };

  return {
    fetch,
    control,
    add(name: string): Account {
      const email = `${name}@example.org`;
      const account = { id: `user-${name}`, name, email, password: "secret of it", shows_presence: true };
      accounts.push(account);
      return account;
    },
  };
}
