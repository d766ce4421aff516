// Who is signed in on this page, and the access token, which is nowhere but in memory.
import {
  ApiError,
  createClient,
  createObservable,
  isApiError,
  isFailure,
  type Call,
  type Client,
  type Clock,
  type Fetch,
  type MyProfile,
  type Observable,
  type SessionInfo,
  type TicketHook,
} from "@windi/sdk";
import { isSpent, readSubject, type Access } from "./access.ts";
import { createLastPerson } from "./last-person.ts";
import { createTabs, type TabChannel } from "./tabs.ts";

export type SessionState =
  | { readonly phase: "starting" }
  /** `ended`: not by this person on this device. */
  | { readonly phase: "signed_out"; readonly because?: "ended" }
  /** `isKept`: whether the browser can go on without the password when the access token ends. */
  | { readonly phase: "signed_in"; readonly me: MyProfile; readonly isKept: boolean };

/** Whatever asks the server fails with `ApiError` when that refuses, with `ConnectionError` without an answer. */
export interface Session extends Observable<SessionState>, Disposable {
  /** Finds out who is signed in; without a network, who was so last. */
  start(): Promise<void>;
  signIn(person: { email: string; password: string }): Promise<void>;
  /** Makes an account and signs in. */
  register(person: { name: string; email: string; password: string }): Promise<void>;
  /** In all tabs of this browser; what is kept of the person here is deleted. Needs the server. */
  signOut(): Promise<void>;
  /** Calls the server as whoever is signed in. */
  readonly call: Call;
  /** For clients of the SDK. */
  readonly token: (refused: string | undefined) => Promise<string>;
  readonly ticket: TicketHook;
  /** An address is changed with the password. */
  changeProfile(change: {
    name?: string;
    email?: string;
    current_password?: string;
    shows_presence?: boolean;
  }): Promise<void>;
  /** All other devices are signed out by it. */
  changePassword(change: { current_password: string; new_password: string }): Promise<void>;
  /** The person changed their profile on another device. */
  changedElsewhere(user: Pick<MyProfile, "id" | "name" | "email">): void;
  devices(): Promise<readonly SessionInfo[]>;
  endDevice(sessionId: string): Promise<void>;
  endOtherDevices(): Promise<void>;
  dispose(): void;
}

interface SessionNeeds {
  /** Where the server is, without a slash at the end. */
  url: string;
  fetch: Fetch;
  clock: Clock;
  /** Undefined where the browser has none, as on pages without TLS; then tabs may refresh beside each other. */
  locks: Pick<LockManager, "request"> | undefined;
  channel: TabChannel | undefined;
  /** For the profile of who was signed in last; never for a token. */
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | undefined;
  /** Deletes what is kept of a person in this browser; `copies`: only what the server has too. */
  forget: (userId: string, what: "all" | "copies") => Promise<void>;
}

const lockName = "windi.session";
/** Where the cookie is given, used and taken away; it goes nowhere else. */
const cookiePaths = /\/auth\/(sessions|refresh|logout)$/;

export function createSession(needs: SessionNeeds): Session {
  const { url, clock, locks, storage, forget } = needs;
  const state = createObservable<SessionState>({ phase: "starting" });
  const lastPerson = createLastPerson(storage);
  let api = createApi();
  let access: Access | undefined;
  let renewing: Promise<Access> | undefined;
  let confirming: Promise<void> | undefined;
  let isConfirmed = false;
  let cancelEnd = () => {};

  const tabs = createTabs({
    channel: needs.channel,
    clock,
    current: () => {
      const now = state.get();
      return now.phase === "signed_in" && access ? { access, me: now.me } : undefined;
    },
    onSignedIn({ access: theirs, me }) {
      hold(theirs);
      enter(me, theirs.isKept);
    },
    onProfile(me) {
      if (isMe(me.id)) show(me);
    },
    onSignedOut(because) {
      const before = state.get();
      leave(because);
      // What this tab still wrote as it was told comes after what the other has deleted.
      if (because && before.phase === "signed_in") void forget(before.me.id, "copies");
    },
  });

  /** Without a connection: a way to call, with the token of one person at a time. */
  function createApi(): Client {
    const fetch: Fetch = (address, init) =>
      needs.fetch(address, cookiePaths.test(address) ? { ...init, credentials: "same-origin" } : init);
    const own: Client = createClient({
      url,
      async token(refused) {
        const given = await token(refused);
        // What was asked by somebody who is gone is not done as whoever came next.
        if (own !== api) throw new ApiError({ code: "session_ended", detail: "Somebody else is signed in" });
        return given;
      },
      fetch,
      clock,
      wake: () => () => {},
    });
    return own;
  }

  function renewApi(): void {
    api.close();
    api = createApi();
  }

  const isMe = (userId: string) => {
    const now = state.get();
    return now.phase === "signed_in" && now.me.id === userId;
  };

  function hold(given: Access): void {
    if (access && readSubject(access.token) !== readSubject(given.token)) renewApi();
    access = given;
    cancelEnd();
    // Nothing goes on after it.
    if (!given.isKept)
      cancelEnd = clock.later(Math.max(0, given.expiresAt - clock.now()), () => void end(given));
  }

  function show(me: MyProfile): void {
    const now = state.get();
    if (now.phase !== "signed_in") return;
    state.set({ ...now, me });
    if (now.isKept) lastPerson.save(me);
  }

  function enter(me: MyProfile, isKept: boolean): void {
    isConfirmed = true;
    state.set({ phase: "signed_in", me, isKept });
    if (isKept) lastPerson.save(me);
    else lastPerson.forget();
  }

  function leave(because?: "ended"): void {
    const before = state.get();
    access = undefined;
    isConfirmed = false;
    cancelEnd();
    renewApi();
    lastPerson.forget();
    // Whoever hears of it twice, as of their own refresh and from another tab, was told why the first time.
    if (before.phase === "signed_out") return;
    const isNews = before.phase === "signed_in" && because;
    state.set({ phase: "signed_out", ...(isNews ? { because } : {}) });
  }

  /** The server or time has ended it. What was written and not sent waits for the same person. */
  async function end(ended?: Access): Promise<void> {
    if (ended && ended !== access) return;
    const before = state.get();
    leave("ended");
    if (before.phase !== "signed_in") return;
    tabs.tellSignedOut("ended");
    await forget(before.me.id, "copies");
  }

  /** One tab at a time asks the server; the others take what it was given. */
  const alone = <T>(run: () => Promise<T>): Promise<T> => (locks ? locks.request(lockName, run) : run());

  async function renew(refused: string | undefined): Promise<Access> {
    const isGood = (other: Access | undefined): other is Access =>
      other !== undefined && other.token !== refused && !isSpent(other, clock.now());
    return alone(async () => {
      const theirs = await tabs.ask();
      if (theirs && isGood(theirs.access)) {
        hold(theirs.access);
        return theirs.access;
      }
      try {
        return take(await api.call("refresh"));
      } catch (error) {
        if (isApiError(error, "session_ended")) await end();
        throw error;
      }
    });
  }

  type Given = Awaited<ReturnType<typeof signInAt>>;
  const signInAt = (person: { email: string; password: string }) => api.call("signIn", { body: person });

  function take({ access_token: given, expires_in_ms: lastsMs, is_kept: isKept }: Given): Access {
    hold({ token: given, expiresAt: clock.now() + lastsMs, isKept });
    const now = state.get();
    // Somebody else signed in on this browser meanwhile.
    if (now.phase === "signed_in" && readSubject(given) !== now.me.id) {
      isConfirmed = false;
      state.set({ phase: "starting" });
    }
    if (isConfirmed && now.phase === "signed_in" && access) tabs.tellSignedIn({ access, me: now.me });
    else if (now.phase !== "signed_out") void confirm().catch(ignoreFailure);
    return access as Access;
  }

  /** Asks whose the session is. */
  function confirm(): Promise<void> {
    confirming ??= askWho().finally(() => (confirming = undefined));
    return confirming;
  }

  async function askWho(): Promise<void> {
    const me = await api.call("getMe");
    // Meanwhile it may have ended, or somebody else may have signed in.
    if (!access || readSubject(access.token) !== me.id) return;
    enter(me, access.isKept);
    tabs.tellSignedIn({ access, me });
  }

  async function token(refused: string | undefined): Promise<string> {
    if (access && access.token !== refused && !isSpent(access, clock.now())) return access.token;
    renewing ??= renew(refused).finally(() => (renewing = undefined));
    return (await renewing).token;
  }

  async function signIn(person: { email: string; password: string }): Promise<void> {
    await alone(async () => take(await signInAt(person)));
    await confirm();
  }

  const session: Session = {
    get: state.get,
    subscribe: state.subscribe,
    async start() {
      const last = lastPerson.load();
      if (last) state.set({ phase: "signed_in", me: last, isKept: true });
      try {
        await token(undefined);
        if (!isConfirmed) await confirm();
      } catch (error) {
        if (!isFailure(error)) throw error;
        // Nobody is known here, and the server does not say.
        if (state.get().phase === "starting") state.set({ phase: "signed_out" });
      }
    },
    signIn,
    async register(person) {
      await api.call("register", { body: person });
      await signIn({ email: person.email, password: person.password });
    },
    async signOut() {
      const before = state.get();
      // What has no cookie ends by the token; which one it is may change while other tabs are waited for.
      await alone(() => api.call("logout", {}, { token: access?.token }));
      tabs.tellSignedOut();
      leave();
      if (before.phase === "signed_in") await forget(before.me.id, "all");
    },
    call: ((...input: Parameters<Call>) => api.call(...input)) as Call,
    token,
    ticket: async () => (await api.call("createTicket")).ticket,
    async changeProfile(change) {
      const me = await api.call("changeMe", { body: change });
      show(me);
      tabs.tellProfile(me);
    },
    changePassword: (change) => api.call("changePassword", { body: change }),
    changedElsewhere({ id, name, email }) {
      const now = state.get();
      if (now.phase === "signed_in" && now.me.id === id) show({ ...now.me, name, email });
    },
    devices: async () => (await api.call("listSessions")).sessions,
    endDevice: (sessionId) => api.call("endSession", { params: { session_id: sessionId } }),
    endOtherDevices: () => api.call("endOtherSessions"),
    dispose() {
      cancelEnd();
      tabs.close();
      api.close();
    },
    [Symbol.dispose]: () => session.dispose(),
  };
  return session;
}

function ignoreFailure(error: unknown): void {
  // The next token asks again.
  if (!isFailure(error)) throw error;
}
