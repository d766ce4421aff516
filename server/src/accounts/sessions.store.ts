// The table of sessions. Each statement decides and writes at once, so that of two at the same moment one is first.
import type { Queries } from "../database/database.ts";

export interface NewSession {
  id: string;
  userId: string;
  /** Of the password that was checked. */
  passwordVersion: number;
  device: string;
  address: string;
  seconds: number;
}

export interface SessionRow {
  id: string;
  device: string;
  address: string;
  /** Milliseconds since 1970. */
  created_at: number;
  last_used_at: number;
}

export interface SessionState {
  user_id: string;
  password_version: number;
  generation: number;
  /** It was refreshed within the grace. */
  is_fresh: boolean;
  is_alive: boolean;
}

const isAlive = "ended_at is null and ends_at > now()";
const end = "ended_at = now(), ends_at = least(ends_at, now())";

// Waits for a change of the password that is under way, and is then refused; one that comes later finds this session.
const insertion = `/* session_start */
with person as (select id from users where id = $2 and password_version = $3::int for share)
insert into sessions (id, user_id, device, address, ends_at)
select $1::uuid, id, $4, $5, now() + make_interval(secs => $6::float8) from person returning id`;

/** False if the password is another by now. */
export async function insertSession(queries: Queries, session: NewSession): Promise<boolean> {
  const { id, userId, passwordVersion, device, address, seconds } = session;
  const values = [id, userId, passwordVersion, device, address, seconds];
  return (await queries.query(insertion, values)).length > 0;
}

// Whoever ends several takes them in the order of their ids: two who did so in different ones would wait for each other.
const endInOrder = (chosen: string) => `
with over as materialized (select id from sessions where ended_at is null and ${chosen} order by id for update)
update sessions set ${end} where ended_at is null and id in (select id from over) returning id`;

const endingBeyond = `/* sessions_beyond */ ${endInOrder(`id in (
  select id from sessions where user_id = $1 and ${isAlive} order by last_used_at desc, id desc offset $2::int
)`)}`;

/** Ends those beyond so many that were used longest ago. */
export const endBeyond = (queries: Queries, userId: string, most: number) =>
  ids(queries.query(endingBeyond, [userId, most]));

const rotation = `/* session_refresh */
update sessions set generation = generation + 1, rotated_at = now(), last_used_at = now(), device = $3, address = $4,
  ends_at = least(now() + make_interval(secs => $5::float8), created_at + make_interval(secs => $6::float8))
where id = $1 and generation = $2::int and ${isAlive}
returning user_id, (select password_version from users where id = user_id)`;

export interface Refresh {
  id: string;
  /** The one that is over with it. */
  generation: number;
  device: string;
  address: string;
  idleSeconds: number;
  absoluteSeconds: number;
}

/** Undefined unless the session is alive and in this generation. */
export async function rotate(
  queries: Queries,
  { id, generation, device, address, idleSeconds, absoluteSeconds }: Refresh,
): Promise<Pick<SessionState, "user_id" | "password_version"> | undefined> {
  const values = [id, generation, device, address, idleSeconds, absoluteSeconds];
  const [row] = await queries.query<Pick<SessionState, "user_id" | "password_version">>(rotation, values);
  return row;
}

export async function findSession(
  queries: Queries,
  id: string,
  graceSeconds: number,
): Promise<SessionState | undefined> {
  const [row] = await queries.query<SessionState>(
    `select s.user_id, u.password_version, s.generation, ${isAlive} as is_alive,
      s.rotated_at > now() - make_interval(secs => $2::float8) as is_fresh
    from sessions s join users u on u.id = s.user_id where s.id = $1`,
    [id, graceSeconds],
  );
  return row;
}

/** Of this user, or of whoever it is. False if it was over. */
export async function endSession(
  queries: Queries,
  id: string,
  userId: string | null,
): Promise<string | undefined> {
  const [ended] = await queries.query<{ user_id: string }>(
    `update sessions set ${end} where id = $1 and ($2::uuid is null or user_id = $2) and ${isAlive} returning user_id`,
    [id, userId],
  );
  return ended?.user_id;
}

const endingOthers = `/* sessions_others */ ${endInOrder("user_id = $1 and id is distinct from $2::uuid")}`;

/** All of the user but one, or all. */
export const endOthers = (queries: Queries, userId: string, exceptId: string | undefined) =>
  ids(queries.query(endingOthers, [userId, exceptId ?? null]));

const presence = `/* session_network */
select 1 from users u where u.email_key = $1 and exists (
  select from sessions where user_id = u.id and address = $2 and ${isAlive}
)`;

/** Whether the account with this key of its address is signed in on a device that was last used from this network. */
export const isSignedInFrom = async (queries: Queries, key: string, network: string): Promise<boolean> =>
  (await queries.query(presence, [key, network])).length > 0;

export const listSessions = (queries: Queries, userId: string): Promise<SessionRow[]> =>
  queries.query(
    `select id, device, address, (extract(epoch from created_at) * 1000)::float8 as created_at,
      (extract(epoch from last_used_at) * 1000)::float8 as last_used_at
    from sessions where user_id = $1 and ${isAlive} order by sessions.last_used_at desc, id desc`,
    [userId],
  );

/** Rows per statement. */
const slice = 1000;

/** Erases what is over for a day. */
export async function eraseSessions(queries: Queries): Promise<void> {
  for (;;) {
    const erased = await queries.query(
      `delete from sessions where id in (
        select id from sessions where ends_at < now() - interval '1 day' limit ${slice} for update skip locked
      ) returning id`,
    );
    if (erased.length < slice) return;
  }
}

const ids = async (rows: Promise<{ id: string }[]>) => (await rows).map(({ id }) => id);
