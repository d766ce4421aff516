import { describe, expect, test } from "bun:test";
import { isApiError } from "@windi/sdk";
import { createFakeClock } from "../../../sdk/src/fake-clock.ts";
import {
  createFakeAccounts,
  createFakeChannels,
  createFakeLocks,
  createFakeStorage,
} from "./fake-browser.ts";
import { createSession } from "./session.ts";

function createBrowser() {
  const clock = createFakeClock();
  const accounts = createFakeAccounts(clock);
  const channels = createFakeChannels(clock);
  const locks = createFakeLocks();
  const storage = createFakeStorage();
  const forgotten: string[] = [];
  const ann = accounts.add("ann");
  const { password: _, ...profile } = ann;
  const open = (channel = channels.open()) =>
    createSession({
      url: "http://chat.test",
      fetch: accounts.fetch,
      clock,
      locks,
      channel,
      storage,
      forget: async (userId, what) => void forgotten.push(`${what} of ${userId}`),
    });
  /** A tab that has found out who is signed in. */
  async function started() {
    const session = open();
    void session.start();
    await clock.advance(200);
    return session;
  }
  async function signedIn() {
    const session = await started();
    void session.signIn({ email: ann.email, password: ann.password });
    await clock.advance(10);
    return session;
  }
  const count = (call: string) => accounts.control.calls.filter((each) => each === call).length;
  return { clock, ...accounts, channels, storage, forgotten, ann, profile, open, started, signedIn, count };
}

describe("a session", () => {
  test("of nobody is signed out, without a reason", async () => {
    const { started } = createBrowser();
    const session = await started();
    expect(session.get()).toEqual({ phase: "signed_out" });
  });

  test("begins by signing in, and has a token and tickets from then on", async () => {
    const { signedIn, profile, count, clock } = createBrowser();
    const session = await signedIn();
    expect(session.get()).toEqual({ phase: "signed_in", me: profile, isKept: true });
    const token = await session.token(undefined);
    expect(token).toStartWith("head.");
    expect(await session.token(undefined)).toBe(token);
    const ticket = session.ticket();
    await clock.advance(10);
    expect(await ticket).toBe("one");
    expect(count("POST /auth/refresh")).toBe(1);
  });

  test("is not begun by a wrong password", async () => {
    const { started, clock, ann } = createBrowser();
    const session = await started();
    const failure = session.signIn({ email: ann.email, password: "wrong" }).catch((error: unknown) => error);
    await clock.advance(10);
    expect(isApiError(await failure, "invalid_credentials")).toBe(true);
    expect(session.get()).toEqual({ phase: "signed_out" });
  });

  test("begins with an account that was just made", async () => {
    const { started, clock } = createBrowser();
    const session = await started();
    void session.register({ name: "Ben", email: "ben@example.org", password: "long enough" });
    await clock.advance(20);
    expect(session.get()).toMatchObject({ phase: "signed_in", me: { name: "Ben" } });
  });

  test("goes on after a reload, at once, by the cookie", async () => {
    const { signedIn, open, profile, clock, count } = createBrowser();
    (await signedIn()).dispose();
    const again = open();
    void again.start();
    expect(again.get()).toEqual({ phase: "signed_in", me: profile, isKept: true });
    await clock.advance(200);
    expect(count("POST /auth/refresh")).toBe(2);
    expect(await again.token(undefined)).toStartWith("head.");
  });

  test("opens without a network, and goes on when it is there", async () => {
    const { signedIn, open, profile, clock, control } = createBrowser();
    (await signedIn()).dispose();
    control.isDown = true;
    const session = open();
    void session.start();
    await clock.advance(60_000);
    expect(session.get()).toEqual({ phase: "signed_in", me: profile, isKept: true });
    control.isDown = false;
    const token = session.token(undefined);
    await clock.advance(200);
    expect(await token).toStartWith("head.");
  });

  test("that nobody has had here is signed out without a network", async () => {
    const { control, started } = createBrowser();
    control.isDown = true;
    expect((await started()).get()).toEqual({ phase: "signed_out" });
  });

  test("takes another token when one is refused or is about to end", async () => {
    const { signedIn, clock, control, count } = createBrowser();
    const session = await signedIn();
    const first = await session.token(undefined);
    control.refusedTokens.add(first);
    const second = session.token(first);
    await clock.advance(100);
    expect(await second).not.toBe(first);
    await clock.advance(575_000);
    void session.token(undefined);
    await clock.advance(100);
    expect(count("POST /auth/refresh")).toBe(3);
  });

  test("that the server has ended says so, and leaves only what was not sent", async () => {
    const { signedIn, clock, control, forgotten, storage } = createBrowser();
    const session = await signedIn();
    control.cookie = undefined;
    const failure = session.token(await session.token(undefined)).catch((error: unknown) => error);
    await clock.advance(100);
    expect(isApiError(await failure, "session_ended")).toBe(true);
    expect(session.get()).toEqual({ phase: "signed_out", because: "ended" });
    expect(forgotten).toEqual(["copies of user-ann"]);
    expect(storage.entries.size).toBe(0);
  });

  test("that is not kept ends with its token, and is not remembered", async () => {
    const { signedIn, clock, control, storage, count } = createBrowser();
    control.keeps = false;
    const session = await signedIn();
    expect(session.get()).toMatchObject({ phase: "signed_in", isKept: false });
    expect(storage.entries.size).toBe(0);
    await clock.advance(590_000);
    expect(await session.token(undefined)).toStartWith("head.");
    expect(session.get().phase).toBe("signed_in");
    await clock.advance(10_000);
    expect(session.get()).toEqual({ phase: "signed_out", because: "ended" });
    expect(count("POST /auth/refresh")).toBe(1);
  });

  test("shows what was changed of the profile, here and in other tabs", async () => {
    const { signedIn, started, clock } = createBrowser();
    const session = await signedIn();
    const other = await started();
    void session.changeProfile({ name: "Anna" });
    await clock.advance(10);
    for (const tab of [session, other]) expect(tab.get()).toMatchObject({ me: { name: "Anna" } });
    session.changedElsewhere({ id: "user-ann", name: "Annie", email: "ann@example.org" });
    session.changedElsewhere({ id: "user-ben", name: "Ben", email: "ben@example.org" });
    expect(session.get()).toMatchObject({ me: { name: "Annie", shows_presence: true } });
  });

  test("shows its token to nobody but the server and other tabs", async () => {
    const { signedIn, clock, storage, control } = createBrowser();
    const session = await signedIn();
    void session.changeProfile({ name: "Anna" });
    void session.ticket();
    await clock.advance(10);
    const token = await session.token(undefined);
    expect([...storage.entries.values()].join()).not.toContain(token);
    expect(control.calls.join()).not.toContain(token);
    const cookieCalls = ["POST /auth/refresh", "POST /auth/sessions", "POST /auth/logout"];
    expect(control.withCookies.filter((call) => !cookieCalls.includes(call))).toEqual([]);
    expect(control.withCookies).toContain("POST /auth/sessions");
  });
});

describe("the tabs of one browser", () => {
  test("that start together refresh once", async () => {
    const { signedIn, open, clock, count, profile } = createBrowser();
    (await signedIn()).dispose();
    const tabs = Array.from({ length: 10 }, () => open());
    for (const tab of tabs) void tab.start();
    await clock.advance(2000);
    expect(count("POST /auth/refresh")).toBe(2);
    const tokens = await Promise.all(tabs.map((tab) => tab.token(undefined)));
    expect(new Set(tokens).size).toBe(1);
    for (const tab of tabs) expect(tab.get()).toMatchObject({ phase: "signed_in", me: profile });
  });

  test("whose token ends together refresh once", async () => {
    const { signedIn, started, clock, count } = createBrowser();
    const tabs = [await signedIn(), await started(), await started()];
    await clock.advance(580_000);
    for (const tab of tabs) void tab.token(undefined);
    await clock.advance(500);
    expect(count("POST /auth/refresh")).toBe(2);
  });

  test("are signed in and signed out together", async () => {
    const { signedIn, started, clock, forgotten, control } = createBrowser();
    const early = await started();
    const session = await signedIn();
    await clock.advance(10);
    expect(early.get()).toMatchObject({ phase: "signed_in", me: { name: "ann" } });
    void session.signOut();
    await clock.advance(10);
    for (const tab of [early, session]) expect(tab.get()).toEqual({ phase: "signed_out" });
    expect(control.cookie).toBeUndefined();
    expect(forgotten).toEqual(["all of user-ann"]);
  });

  test("share a session that is not kept", async () => {
    const { signedIn, started, control, count } = createBrowser();
    control.keeps = false;
    await signedIn();
    const other = await started();
    expect(other.get()).toMatchObject({ phase: "signed_in", isKept: false });
    expect(count("POST /auth/refresh")).toBe(1);
  });

  test("are not signed out by one that finds nobody", async () => {
    const { signedIn, open, clock, control, channels } = createBrowser();
    control.keeps = false;
    const session = await signedIn();
    channels.posted.length = 0;
    // It hears no other tab.
    const lone = open({ ...channels.open(), addEventListener: () => {} });
    void lone.start();
    await clock.advance(200);
    expect(lone.get()).toEqual({ phase: "signed_out" });
    expect(session.get().phase).toBe("signed_in");
  });

  test("delete each for itself what they kept of a session that the server has ended", async () => {
    const { signedIn, started, clock, control, forgotten } = createBrowser();
    const session = await signedIn();
    const other = await started();
    control.cookie = undefined;
    const refused = await session.token(undefined);
    for (const tab of [session, other]) tab.token(refused).catch(() => {});
    await clock.advance(200);
    for (const tab of [session, other]) expect(tab.get()).toEqual({ phase: "signed_out", because: "ended" });
    expect(forgotten).toEqual(["copies of user-ann", "copies of user-ann"]);
  });

  test("do nothing for the one person as the other", async () => {
    const { signedIn, started, clock, add, control } = createBrowser();
    const ben = add("ben");
    const first = await signedIn();
    const second = await started();
    control.refusedTokens.add(await second.token(undefined));
    const renaming = second.changeProfile({ name: "Annie" }).catch((error: unknown) => error);
    void first.signIn({ email: ben.email, password: ben.password });
    await clock.advance(200);
    expect(isApiError(await renaming, "session_ended")).toBe(true);
    for (const tab of [first, second]) expect(tab.get()).toMatchObject({ me: { id: ben.id, name: "ben" } });
  });

  test("go over to whoever signs in while it is asked who signed in before", async () => {
    const { started, clock, add, ann, channels } = createBrowser();
    const { password: _, ...ben } = add("ben");
    const session = await started();
    void session.signIn({ email: ann.email, password: ann.password });
    await clock.advance(0);
    const token = `head.${btoa(JSON.stringify({ sub: ben.id }))}.signature`;
    const access = { token, expiresAt: clock.now() + 600_000, isKept: true };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
    channels.open().postMessage({ kind: "signed_in", access, me: ben });
    await clock.advance(1);
    expect(session.get()).toMatchObject({ me: ben });
    await clock.advance(200);
    expect(session.get()).toMatchObject({ me: ben });
  });

  test("go over to whoever signs in next", async () => {
    const { signedIn, started, clock, add } = createBrowser();
    const ben = add("ben");
    const first = await signedIn();
    const second = await started();
    const before = await second.token(undefined);
    void first.signOut();
    await clock.advance(10);
    void first.signIn({ email: ben.email, password: ben.password });
    await clock.advance(20);
    expect(second.get()).toMatchObject({ phase: "signed_in", me: { name: "ben" } });
    const me = second.call("getMe");
    await clock.advance(10);
    expect(await me).toMatchObject({ name: "ben" });
    expect(await second.token(undefined)).not.toBe(before);
  });
});

test.each([
  ["is not kept", false],
  ["has lost its cookie", true],
])("signing out ends a session that %s, by its token", async (_, keeps) => {
  const { signedIn, clock, control } = createBrowser();
  control.keeps = keeps;
  const session = await signedIn();
  const token = await session.token(undefined);
  control.cookie = undefined;
  void session.signOut();
  await clock.advance(10);
  expect(session.get()).toEqual({ phase: "signed_out" });
  expect(control.refusedTokens).toContain(token);
});

test("signing out needs the server: without it the cookie would sign in again", async () => {
  const { signedIn, clock, control, forgotten } = createBrowser();
  const session = await signedIn();
  control.isDown = true;
  const failure = session.signOut().catch(({ name }: Error) => name);
  await clock.advance(10);
  expect(await failure).toBe("ConnectionError");
  expect(session.get().phase).toBe("signed_in");
  expect(forgotten).toEqual([]);
});

test("a cookie of somebody else than who was here last is believed", async () => {
  const { signedIn, open, clock, control, add } = createBrowser();
  (await signedIn()).dispose();
  control.cookie = add("ben").id;
  const session = open();
  const seen: string[] = [];
  session.subscribe((now) => seen.push(now.phase === "signed_in" ? now.me.name : now.phase));
  void session.start();
  await clock.advance(200);
  // Nothing of the one person is called with the token of the other.
  expect(seen).toEqual(["starting", "ann", "starting", "ben"]);
});

test("a cookie that became somebody else's is believed at the next refresh", async () => {
  const { signedIn, clock, control, add } = createBrowser();
  const session = await signedIn();
  control.cookie = add("ben").id;
  void session.token(await session.token(undefined));
  await clock.advance(200);
  expect(session.get()).toMatchObject({ phase: "signed_in", me: { name: "ben" } });
});
