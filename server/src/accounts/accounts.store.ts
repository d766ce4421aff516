// The table of users.
import type { MyProfile, ProfileRequest, UserInfo } from "@windi/protocol";
import { and, eq } from "drizzle-orm";
import type { Orm, Queries } from "../database/database.ts";
import { users } from "../database/schema.ts";

export interface NewUser extends UserInfo {
  passwordHash: string;
}

/** An address as it is compared: composed Unicode, without case. */
export const emailKey = (email: string) => email.trim().normalize("NFKC").toLowerCase();

/** False if the address is taken, also by a request at the same moment. */
export async function insertUser(db: Orm, user: NewUser): Promise<boolean> {
  const { id, name, email, passwordHash } = user;
  const row = { id, name, email, email_key: emailKey(email), password_hash: passwordHash };
  const inserted = await db.insert(users).values(row).onConflictDoNothing().returning({ id: users.id });
  return inserted.length > 0;
}

/** Those of the ids that are people, in no order. */
export const findUsers = (queries: Queries, ids: readonly string[]): Promise<UserInfo[]> =>
  queries.query("/* users */ select id, name, email from users where id = any($1::uuid[])", [[...ids]]);

const profile = { id: users.id, name: users.name, email: users.email, shows_presence: users.shows_presence };

export async function findProfile(db: Orm, id: string): Promise<MyProfile | undefined> {
  const [found] = await db.select(profile).from(users).where(eq(users.id, id));
  return found;
}

/**
 * Whoever stops showing presence is not remembered as seen.
 * @throws an error with the code 23505 when the address is somebody else's
 */
/** @param passwordVersion if given, the change is only made while the password is of this version */
export async function updateProfile(
  db: Orm,
  id: string,
  { name, email, shows_presence }: Omit<ProfileRequest, "current_password">,
  passwordVersion?: number,
): Promise<MyProfile | undefined> {
  const values = {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email, email_key: emailKey(email) }),
    ...(shows_presence !== undefined && { shows_presence }),
    ...(shows_presence === false && { last_seen_at: null }),
  };
  const isVersion = passwordVersion === undefined ? undefined : eq(users.password_version, passwordVersion);
  const [changed] = await db
    .update(users)
    .set(values)
    .where(and(eq(users.id, id), isVersion))
    .returning(profile);
  return changed;
}

const password = { hash: users.password_hash, version: users.password_version };

export async function findPassword(db: Orm, id: string) {
  const [row] = await db.select(password).from(users).where(eq(users.id, id));
  return row;
}

/** False if the password is not the one of this version any more. */
export async function updatePassword(
  queries: Queries,
  id: string,
  version: number,
  hash: string,
): Promise<boolean> {
  const statement = `update users set password_hash = $3, password_version = password_version + 1
    where id = $1 and password_version = $2::int returning id`;
  return (await queries.query(statement, [id, version, hash])).length > 0;
}

export async function findCredentials(db: Orm, email: string) {
  const columns = {
    id: users.id,
    passwordHash: users.password_hash,
    passwordVersion: users.password_version,
  };
  const [row] = await db
    .select(columns)
    .from(users)
    .where(eq(users.email_key, emailKey(email)));
  return row;
}
