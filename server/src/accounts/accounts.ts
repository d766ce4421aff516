// The rules of accounts: registering, signing in, and who a token stands for.
import { setTimeout as wait } from "node:timers/promises";
import type { LoginRequest, RegisterRequest, UserInfo } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { databaseFailure } from "../database/failures.ts";
import { Failure } from "../failure.ts";
import { createBatches } from "../messages/batches.ts";
import { findCallers } from "./access.store.ts";
import { emailKey, findCredentials, insertUser } from "./accounts.store.ts";
import { networkOf, unknownNetwork } from "./device.ts";
import type { Passwords } from "./passwords.ts";
import type { Credentials } from "./sessions.ts";
import { isSignedInFrom } from "./sessions.store.ts";
import type { Tickets } from "./tickets.ts";
import type { Access, Tokens } from "./tokens.ts";

/** Who calls, and what they showed for it. */
export interface Caller {
  user: UserInfo;
  access: Access;
}

export interface Accounts {
  register(request: RegisterRequest): Promise<UserInfo>;
  /** @throws Failure `invalid_credentials`, in the same time for an unknown address and for a wrong password */
  check(request: LoginRequest): Promise<Credentials>;
  /** @throws Failure as `check` */
  login(request: LoginRequest): Promise<{ access_token: string }>;
  /** Whether whoever has this e-mail address is signed in on a device in the network of this client address. */
  isSignedInFrom(email: string, address: string): Promise<boolean>;
  /** The one way from a token to a user, for every transport; undefined if the token is not good. */
  authenticate(token: string): Promise<Caller | undefined>;
  /** As `authenticate`, for a ticket, which is good once. */
  admit(ticket: string): Promise<Caller | undefined>;
}

interface AccountsNeeds {
  database: Database;
  passwords: Passwords;
  tokens: Tokens;
  tickets: Tickets;
  newId(): string;
}

/** Between one lookup and the next, while people come in a stream: requests wait for it too. */
const pauseMs = 2;

export function createAccounts({ database, passwords, tokens, tickets, newId }: AccountsNeeds): Accounts {
  const { orm } = database;

  const lookUp = (all: readonly Access[]) =>
    findCallers(database, all).catch((error: unknown) => {
      throw databaseFailure(error) ?? error;
    });
  /** When a thousand people come back at once, they are looked up in a few statements. */
  const lookups = createBatches({
    ...{ run: lookUp, maxBatch: 500, maxWaiting: 20_000 },
    pause: () => wait(pauseMs),
  });

  async function identify(access: Access | undefined): Promise<Caller | undefined> {
    const user = access && (await lookups.add(access));
    return user && { user, access };
  }

  async function check({ email, password }: LoginRequest): Promise<Credentials> {
    const known = await findCredentials(orm, email);
    const isRight = await passwords.verify(password, known?.passwordHash);
    if (!known || !isRight) throw new Failure("invalid_credentials");
    return { userId: known.id, passwordVersion: known.passwordVersion };
  }

  return {
    check,
    async register({ name, email, password }) {
      const user = { id: newId(), name, email };
      const isNew = await insertUser(orm, {
        ...user,
        passwordHash: await passwords.hash(password),
      });
      if (!isNew) throw new Failure("user_exists");
      return user;
    },
    async login(request) {
      const { userId, passwordVersion } = await check(request);
      return { access_token: await tokens.issue(userId, { passwordVersion }) };
    },
    async isSignedInFrom(email, address) {
      const network = networkOf(address);
      return network !== unknownNetwork && isSignedInFrom(database, emailKey(email), network);
    },
    authenticate: (token) => identify(tokens.verify(token)),
    admit: async (ticket) => identify(await tickets.use(ticket)),
  };
}
