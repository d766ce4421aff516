import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { until } from "../../../tests/until.ts";
import { createLog } from "../telemetry.ts";
import { findCallers } from "./access.store.ts";
import { updatePassword } from "./accounts.store.ts";
import { createRefreshTokens } from "./refresh-tokens.ts";
import { createSessions, type Place, type SignedIn } from "./sessions.ts";
import { endOthers, eraseSessions } from "./sessions.store.ts";
import { createTokens } from "./tokens.ts";

const secret = "q7F2m0XyK9bVtR4sLw8ZcN1pJ6hD3gUa";
const place: Place = { device: "Firefox on Linux", address: "192.0.2.0/24" };
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );

describe.each(kinds)("sessions on the %s database", (kind) => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(kind);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const tokens = createTokens({ secret, algorithm: "HS256", lifetimeMinutes: 30, now: Date.now });

  /** Sessions of somebody new, as one node sees them, and what is told of them. */
  async function setUp() {
    const [user] = await store.people(1);
    const userId = user?.id ?? "";
    const ended: string[] = [];
    const sessions = createSessions({
      database: store.node(),
      tokens,
      refreshTokens: createRefreshTokens(secret),
      news: { sessionsEnded: (_, ids) => void ended.push(...ids) },
      log: createLog("silent"),
      newId: () => Bun.randomUUIDv7(),
    });
    const start = (isKept = true, passwordVersion = 0, replaced?: string) =>
      sessions.start({ userId, passwordVersion }, place, { isKept, replaced });
    const refresh = ({ refreshToken }: SignedIn) => sessions.refresh(refreshToken, place);
    const isIn = async ({ answer }: SignedIn) => {
      const access = tokens.verify(answer.access_token);
      return access !== undefined && (await findCallers(store.database, [access]))[0] !== undefined;
    };
    return { userId, ended, sessions, start, refresh, isIn };
  }

  /** Moves a moment of a session into the past. */
  const age = ({ answer }: SignedIn, column: "rotated_at" | "ends_at" | "created_at", interval: string) =>
    store.database.query(`update sessions set ${column} = now() - $2::text::interval where id = $1`, [
      answer.session_id,
      interval,
    ]);

  test("a refresh gives another token of both kinds, of the same session", async () => {
    const { start, refresh, isIn } = await setUp();
    const first = await start();
    const second = await refresh(first);
    expect(second.answer.session_id).toBe(first.answer.session_id);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect((await refresh(second)).refreshToken).not.toBe(second.refreshToken);
    expect([await isIn(first), await isIn(second)]).toEqual([true, true]);
    expect(tokens.verify(second.answer.access_token)?.sessionId).toBe(first.answer.session_id);
    expect(second.answer).toMatchObject({ is_kept: true, expires_in_ms: 600_000 });
  });

  test("an answer that was lost is given again for half a minute, always the same", async () => {
    const { start, refresh, ended } = await setUp();
    const first = await start();
    const { refreshToken } = await refresh(first);
    expect((await refresh(first)).refreshToken).toBe(refreshToken);
    await age(first, "rotated_at", "29 seconds");
    expect((await refresh(first)).refreshToken).toBe(refreshToken);
    expect(ended).toEqual([]);
  });

  test("a token that is used again after that ends the session for whoever has it", async () => {
    const { start, refresh, ended, isIn } = await setUp();
    const first = await start();
    const second = await refresh(first);
    await age(first, "rotated_at", "31 seconds");
    expect(await codeOf(refresh(first))).toBe("session_ended");
    expect(await codeOf(refresh(second))).toBe("session_ended");
    expect(ended).toEqual([first.answer.session_id]);
    expect(await isIn(second)).toBe(false);
  });

  test("a token of two refreshes ago ends the session at once", async () => {
    const { start, refresh, ended } = await setUp();
    const first = await start();
    const third = await refresh(await refresh(first));
    expect(await codeOf(refresh(first))).toBe("session_ended");
    expect(await codeOf(refresh(third))).toBe("session_ended");
    expect(ended).toEqual([first.answer.session_id]);
  });

  test("twenty at the same moment, on several nodes, get the same successor", async () => {
    const { start, refresh, ended } = await setUp();
    const { refresh: elsewhere } = await setUp();
    const first = await start();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? refresh : elsewhere)(first)),
    );
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(ended).toEqual([]);
    expect((await refresh(answers[0] as SignedIn)).answer.session_id).toBe(first.answer.session_id);
  });

  test("a session ends when it was not used for 30 days, and after 180 in any case", async () => {
    const { start, refresh, isIn, sessions, userId } = await setUp();
    const idle = await start();
    const daysLeft = async ({ answer }: SignedIn) => {
      const [row] = await store.database.query<{ days: number }>(
        "select round(extract(epoch from ends_at - now()) / 86400)::int as days from sessions where id = $1",
        [answer.session_id],
      );
      return row?.days;
    };
    expect(await daysLeft(idle)).toBe(30);
    await age(idle, "ends_at", "1 second");
    expect([await codeOf(refresh(idle)), await isIn(idle)]).toEqual(["session_ended", false]);
    const old = await start();
    await age(old, "created_at", "170 days");
    await refresh(old);
    expect(await daysLeft(old)).toBe(10);
    expect((await sessions.list(userId, undefined)).map(({ id }) => id)).toEqual([old.answer.session_id]);
  });

  test("one that no browser keeps lasts as long as its access token, and that as long as any", async () => {
    const { start } = await setUp();
    const { answer } = await start(false);
    expect(answer).toMatchObject({ is_kept: false, expires_in_ms: 1_800_000 });
    const [row] = await store.database.query<{ seconds: number }>(
      "select round(extract(epoch from ends_at - created_at))::int as seconds from sessions where id = $1",
      [answer.session_id],
    );
    expect(row?.seconds).toBe(1800);
  });

  test("whoever signs in again on a device has one session there", async () => {
    const { start, ended, isIn } = await setUp();
    const first = await start();
    const second = await start(true, 0, first.refreshToken);
    expect(ended).toEqual([first.answer.session_id]);
    expect([await isIn(first), await isIn(second)]).toEqual([false, true]);
  });

  test("of more than 50 the one that was used longest ago ends", async () => {
    const { start, refresh, ended, sessions, userId } = await setUp();
    const all: SignedIn[] = [];
    for (let i = 0; i < 50; i++) all.push(await start());
    // It was used last; the second is the oldest now.
    await store.database.query("update sessions set last_used_at = last_used_at - interval '1 hour'");
    await refresh(all[0] as SignedIn);
    await start();
    expect(ended).toEqual([all[1]?.answer.session_id ?? ""]);
    expect(await sessions.list(userId, undefined)).toHaveLength(50);
  });

  test("nobody ends somebody else's, nor sees it", async () => {
    const [alice, bob] = [await setUp(), await setUp()];
    const own = await bob.start();
    expect(await codeOf(alice.sessions.end(alice.userId, own.answer.session_id))).toBe("session_not_found");
    await alice.sessions.endOthers(alice.userId, undefined);
    expect(await alice.sessions.list(alice.userId, undefined)).toEqual([]);
    expect(await bob.isIn(own)).toBe(true);
  });

  test("a token of a session is good for its own user only", async () => {
    const [alice, bob] = [await setUp(), await setUp()];
    const { answer } = await bob.start();
    const access = { userId: alice.userId, sessionId: answer.session_id, passwordVersion: 0 };
    expect(await findCallers(store.database, [access])).toEqual([undefined]);
  });

  test("a refresh does not bring back a session that is being ended", async () => {
    const { start, refresh, sessions, userId, isIn } = await setUp();
    for (let i = 0; i < 5; i++) {
      const first = await start();
      const [, refreshed] = await Promise.allSettled([
        sessions.end(userId, first.answer.session_id),
        refresh(first),
      ]);
      if (refreshed.status === "fulfilled") expect(await isIn(refreshed.value)).toBe(false);
      expect(await codeOf(refresh(first))).toBe("session_ended");
    }
  });

  test("who signs in with a password that is being changed is not signed in afterwards", async () => {
    const { start, sessions, userId } = await setUp();
    const change = { sooner: true };
    for (let version = 0; version < 4; version++) {
      change.sooner = !change.sooner;
      let starting: Promise<string> | undefined;
      const signInNow = () => void (starting = codeOf(start(true, version)));
      await store.node().begin(async (transaction) => {
        if (change.sooner) signInNow();
        await updatePassword(transaction, userId, version, "other");
        await endOthers(transaction, userId, undefined);
        if (!change.sooner) signInNow();
        // The embedded database has one connection, which this transaction holds.
        if (kind === "server")
          await Promise.race([starting, until(async () => change.sooner || (await store.isWaiting()))]);
      });
      expect(["done", "invalid_credentials"]).toContain((await starting) ?? "");
      expect(await sessions.list(userId, undefined)).toEqual([]);
      expect(await codeOf(start(true, version))).toBe("invalid_credentials");
    }
  });

  test("what is over for a day is erased, and nothing else", async () => {
    const { start } = await setUp();
    const [alive, over, gone] = [await start(), await start(), await start()];
    await age(over, "ends_at", "23 hours");
    await age(gone, "ends_at", "25 hours");
    await eraseSessions(store.database);
    const left = await store.database.query<{ id: string }>("select id from sessions");
    const ids = left.map(({ id }) => id);
    const isLeft = [alive, over, gone].map(({ answer }) => ids.includes(answer.session_id));
    expect(isLeft).toEqual([true, true, false]);
  });
});
