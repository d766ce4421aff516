// The rules of accounts: registering, signing in, and who a token stands for.
import type { LoginRequest, MyProfile, ProfileRequest, RegisterRequest, UserInfo } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { databaseFailure } from "../database/failures.ts";
import { Failure } from "../failure.ts";
import { createBatches } from "../messages/batches.ts";
import { findCredentials, findProfile, findUsers, insertUser, updateProfile } from "./accounts.store.ts";
import type { Passwords } from "./passwords.ts";
import type { Tokens } from "./tokens.ts";

export interface Accounts {
  register(request: RegisterRequest): Promise<UserInfo>;
  /** @throws Failure `invalid_credentials`, in the same time for an unknown address and for a wrong password */
  login(request: LoginRequest): Promise<{ access_token: string }>;
  /** The one way from a token to a user, for every transport; undefined if the token is not good. */
  authenticate(token: string): Promise<UserInfo | undefined>;
  /** What only the person sees of themself. @throws Failure `unauthenticated` when the account is gone */
  profile(user: UserInfo): Promise<MyProfile>;
  /** @throws Failure `unauthenticated` when the account is gone */
  changeProfile(user: UserInfo, change: ProfileRequest): Promise<MyProfile>;
}

interface AccountsNeeds {
  database: Database;
  passwords: Passwords;
  tokens: Tokens;
  newId(): string;
  /** Whether this person shows presence is committed anew. */
  onPresenceSwitch(userId: string): void;
}

export function createAccounts(needs: AccountsNeeds): Accounts {
  const { database, passwords, tokens, newId, onPresenceSwitch } = needs;
  const { orm } = database;

  async function lookUp(ids: readonly string[]): Promise<(UserInfo | undefined)[]> {
    const found = await findUsers(database, ids).catch((error: unknown) => {
      throw databaseFailure(error) ?? error;
    });
    const byId = new Map(found.map((user) => [user.id, user]));
    return ids.map((id) => byId.get(id));
  }
  /** When a thousand people come back at once, they are looked up in a few statements. */
  const lookups = createBatches({ run: lookUp, maxBatch: 500, maxWaiting: 20_000 });

  return {
    async register({ name, email, password }) {
      const user = { id: newId(), name, email };
      const isNew = await insertUser(orm, {
        ...user,
        passwordHash: await passwords.hash(password),
      });
      if (!isNew) throw new Failure("user_exists");
      return user;
    },
    async login({ email, password }) {
      const known = await findCredentials(orm, email);
      const isRight = await passwords.verify(password, known?.passwordHash);
      if (!known || !isRight) throw new Failure("invalid_credentials");
      return { access_token: await tokens.issue(known.id) };
    },
    async authenticate(token) {
      const userId = tokens.verify(token);
      return userId === undefined ? undefined : lookups.add(userId);
    },
    profile: async ({ id }) => requireProfile(await findProfile(orm, id)),
    async changeProfile({ id }, change) {
      const profile = requireProfile(await updateProfile(orm, id, change));
      onPresenceSwitch(id);
      return profile;
    },
  };
}

function requireProfile(profile: MyProfile | undefined): MyProfile {
  if (!profile) throw new Failure("unauthenticated");
  return profile;
}
