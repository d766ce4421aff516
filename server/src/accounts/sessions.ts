// Staying signed in: a session per device, whose refresh token is another after each use; one that is used again ends it.
import type { SessionInfo, SessionToken } from "@windi/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { Failure } from "../failure.ts";
import type { AccountNews } from "./news.ts";
import type { RefreshTokens } from "./refresh-tokens.ts";
import * as store from "./sessions.store.ts";
import type { Access, Tokens } from "./tokens.ts";

/** Where a request comes from, as it is shown to the user. */
export interface Place {
  device: string;
  address: string;
}

export interface Credentials {
  userId: string;
  passwordVersion: number;
}

export interface SignedIn {
  answer: SessionToken;
  refreshToken: string;
}

export interface Sessions {
  /**
   * @param replaced the refresh token that this device had: its session ends
   * @param isKept whether the device can keep the new one; else the session ends with its access token
   * @throws Failure `invalid_credentials` when the password is another by now
   */
  start(
    person: Credentials,
    place: Place,
    options: { isKept: boolean; replaced: string | undefined },
  ): Promise<SignedIn>;
  /** The session that a refresh token is of, were it good; undefined for what is none. */
  idOf(refreshToken: string | undefined): string | undefined;
  /** @throws Failure `session_ended` */
  refresh(refreshToken: string | undefined, place: Place): Promise<SignedIn>;
  /** Ends the session of the refresh token, and that of the access token, which was looked up. */
  logout(refreshToken: string | undefined, access?: Access): Promise<void>;
  list(userId: string, currentId: string | undefined): Promise<SessionInfo[]>;
  /** @throws Failure `session_not_found` */
  end(userId: string, sessionId: string): Promise<void>;
  endOthers(userId: string, currentId: string | undefined): Promise<void>;
}

interface SessionsNeeds {
  database: Database;
  tokens: Tokens;
  refreshTokens: RefreshTokens;
  news: Pick<AccountNews, "sessionsEnded">;
  log: Logger;
  newId(): string;
}

const day = 24 * 60 * 60;
/** Without a refresh, and in all. */
export const sessionSeconds = { idle: 30 * day, absolute: 180 * day };
/** An answer that was lost is given once more; two tabs at the same moment get the same. */
const graceSeconds = 30;
/** What renews itself need not last. */
const maxAccessMinutes = 10;
const maxSessions = 50;

export function createSessions(needs: SessionsNeeds): Sessions {
  const { database, tokens, refreshTokens, news, log, newId } = needs;

  async function answer(
    { userId, passwordVersion }: Credentials,
    sessionId: string,
    isKept: boolean,
  ): Promise<SessionToken> {
    const minutes = accessMinutes(isKept);
    const access_token = await tokens.issue(userId, { passwordVersion, sessionId }, minutes);
    return { access_token, expires_in_ms: minutes * 60_000, session_id: sessionId, is_kept: isKept };
  }

  const accessMinutes = (isKept: boolean) =>
    isKept ? Math.min(tokens.lifetimeMinutes, maxAccessMinutes) : tokens.lifetimeMinutes;

  async function endOne(sessionId: string, userId: string | null): Promise<boolean> {
    const owner = await store.endSession(database, sessionId, userId);
    if (owner !== undefined) news.sessionsEnded(owner, [sessionId]);
    return owner !== undefined;
  }

  const idOf = (refreshToken: string | undefined) =>
    refreshToken === undefined ? undefined : refreshTokens.read(refreshToken)?.sessionId;

  async function logout(refreshToken: string | undefined, access?: Access): Promise<void> {
    const kept = idOf(refreshToken);
    if (kept !== undefined) await endOne(kept, null);
    if (access?.sessionId !== undefined) await endOne(access.sessionId, access.userId);
  }

  return {
    idOf,
    logout,
    async start(person, place, { isKept, replaced }) {
      const sessionId = newId();
      const seconds = isKept ? sessionSeconds.idle : accessMinutes(isKept) * 60;
      const isStarted = await store.insertSession(database, { id: sessionId, ...person, ...place, seconds });
      if (!isStarted) throw new Failure("invalid_credentials");
      await logout(replaced);
      const crowdedOut = await store.endBeyond(database, person.userId, maxSessions);
      if (crowdedOut.length > 0) news.sessionsEnded(person.userId, crowdedOut);
      return {
        answer: await answer(person, sessionId, isKept),
        refreshToken: refreshTokens.write({ sessionId, generation: 0 }),
      };
    },

    async refresh(refreshToken, place) {
      const given = refreshToken === undefined ? undefined : refreshTokens.read(refreshToken);
      if (!given) throw new Failure("session_ended");
      const { sessionId: id, generation } = given;
      const lifetimes = { idleSeconds: sessionSeconds.idle, absoluteSeconds: sessionSeconds.absolute };
      const goOn = async (row: Pick<store.SessionState, "user_id" | "password_version">) => {
        const person = { userId: row.user_id, passwordVersion: row.password_version };
        return {
          answer: await answer(person, id, true),
          refreshToken: refreshTokens.write({ sessionId: id, generation: generation + 1 }),
        };
      };
      const rotated = await store.rotate(database, { id, generation, ...place, ...lifetimes });
      if (rotated) return goOn(rotated);
      const state = await store.findSession(database, id, graceSeconds);
      if (!state?.is_alive) throw new Failure("session_ended");
      if (state.generation === generation + 1 && state.is_fresh) return goOn(state);
      // Somebody has a token that the device has given back: who of the two is the thief, nobody can tell.
      await endOne(id, null);
      log.warn(
        { session_id: id, user_id: state.user_id },
        "a refresh token was used again: its session is ended",
      );
      throw new Failure("session_ended");
    },

    async list(userId, currentId) {
      const rows = await store.listSessions(database, userId);
      return rows.map(({ created_at, last_used_at, ...row }) => ({
        ...row,
        created_at: new Date(created_at).toISOString(),
        last_used_at: new Date(last_used_at).toISOString(),
        is_current: row.id === currentId,
      }));
    },

    async end(userId, sessionId) {
      if (!(await endOne(sessionId, userId))) throw new Failure("session_not_found");
    },

    async endOthers(userId, currentId) {
      const ended = await store.endOthers(database, userId, currentId);
      if (ended.length > 0) news.sessionsEnded(userId, ended);
    },
  };
}
