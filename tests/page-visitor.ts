// A page of our own in a browser, as far as the server sees it: it names its origin and holds a cookie.
import type { SessionToken } from "@windi/protocol";
import { call, type Answer, type Person } from "./harness.ts";

export interface Visitor {
  /** `name=value` of what the server has set; undefined without one. */
  cookie: string | undefined;
  /** What the last answer set, with its flags. */
  readonly setCookie: string | undefined;
  post<Body = unknown>(path: string, body?: unknown): Promise<Answer<Body>>;
  signIn(person: Pick<Person, "user" | "password">): Promise<SessionToken>;
  /** @throws when it is refused */
  refresh(): Promise<SessionToken>;
}

/** @param headers what the browser says instead of, or beside, its origin */
export function openPage(url: string, headers: Record<string, string> = { origin: url }): Visitor {
  let cookie: string | undefined;
  let setCookie: string | undefined;

  async function post<Body>(path: string, body?: unknown): Promise<Answer<Body>> {
    const sent = { ...headers, ...(cookie !== undefined && { cookie }) };
    const answer = await call<Body>(url, "POST", path, { body, headers: sent });
    setCookie = answer.headers.getSetCookie()[0];
    const [pair = "", age] = setCookie?.split("; ") ?? [];
    if (setCookie !== undefined) cookie = age === "Max-Age=0" ? undefined : pair;
    return answer;
  }

  async function tokenFrom(path: string, body?: unknown): Promise<SessionToken> {
    const answer = await post<SessionToken>(path, body);
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  }

  return {
    get cookie() {
      return cookie;
    },
    set cookie(other) {
      cookie = other;
    },
    get setCookie() {
      return setCookie;
    },
    post,
    signIn: ({ user, password }) => tokenFrom("/auth/sessions", { email: user.email, password }),
    refresh: () => tokenFrom("/auth/refresh"),
  };
}
