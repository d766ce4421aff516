// What people change of themselves: name, address, password, and whether others see when they are online.
import type { MyProfile, PasswordRequest, ProfileRequest } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { codeOf } from "../database/failures.ts";
import { Failure } from "../failure.ts";
import { findPassword, findProfile, updatePassword, updateProfile } from "./accounts.store.ts";
import type { AccountNews } from "./news.ts";
import type { Passwords } from "./passwords.ts";
import { endOthers } from "./sessions.store.ts";

export interface Profiles {
  /** What only the person sees of themself. @throws Failure `unauthenticated` when the account is gone */
  read(userId: string): Promise<MyProfile>;
  /** @throws Failure `wrong_password`, `user_exists`, `unauthenticated` */
  change(userId: string, change: ProfileRequest): Promise<MyProfile>;
  /**
   * Ends all other sessions, and all tokens of before.
   * @throws Failure `wrong_password`
   */
  changePassword(userId: string, sessionId: string | undefined, request: PasswordRequest): Promise<void>;
}

interface ProfilesNeeds {
  database: Database;
  passwords: Passwords;
  news: AccountNews;
}

export function createProfiles({ database, passwords, news }: ProfilesNeeds): Profiles {
  const { orm } = database;

  /** The version of the password, if this is it. */
  async function check(userId: string, password: string): Promise<number> {
    const known = await findPassword(orm, userId);
    const isRight = await passwords.verify(password, known?.hash);
    if (!known || !isRight) throw new Failure("wrong_password");
    return known.version;
  }

  const require = <T>(found: T | undefined): T => {
    if (found === undefined) throw new Failure("unauthenticated");
    return found;
  };

  return {
    read: async (userId) => require(await findProfile(orm, userId)),

    async change(userId, { current_password, ...change }) {
      const version = change.email === undefined ? undefined : await check(userId, current_password ?? "");
      const changed = await updateProfile(orm, userId, change, version).catch((error: unknown) => {
        throw codeOf(error) === "23505" ? new Failure("user_exists") : error;
      });
      // The password is another one since it was checked.
      if (!changed && version !== undefined) throw new Failure("wrong_password");
      const { shows_presence, ...user } = require(changed);
      if (change.shows_presence !== undefined) news.presenceSwitched(userId);
      if (change.name !== undefined || change.email !== undefined) news.userChanged(user);
      return { ...user, shows_presence };
    },

    async changePassword(userId, sessionId, { current_password, new_password }) {
      const version = await check(userId, current_password);
      const passwordHash = await passwords.hash(new_password);
      const ended = await database.begin(async (transaction) => {
        // Whoever signs in at this moment with the old one waits for the row, and is then refused.
        if (!(await updatePassword(transaction, userId, version, passwordHash))) return undefined;
        return endOthers(transaction, userId, sessionId);
      });
      if (!ended) throw new Failure("wrong_password");
      news.passwordChanged(userId, version + 1);
      if (ended.length > 0) news.sessionsEnded(userId, ended);
    },
  };
}
