// The periodic look at the database for what the bus lost of people: sessions and passwords that are over, other names.
import type { UserInfo } from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import type { Connection } from "./connection.ts";
import { slices } from "./slices.ts";

interface PeopleAuditNeeds {
  database: Queries;
  /** The connections that are open at the moment. */
  all(): Iterable<Connection>;
  /** Somebody has another name or address than their connections say. */
  renamed(user: UserInfo): void;
}

/** Connections in one statement: a few milliseconds of the database. */
const slice = 250;

// Answers with those only of which something is not as it was.
const statement = `/* audit_people */
select i.place::int as place, u.id, u.name, u.email,
  u.id is not null and case when i.session_id is null then u.password_version = i.version else s.is_alive = 1 end is true
    as is_good
from unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[])
  with ordinality i(user_id, version, session_id, name, email, place)
left join lateral (select id, name, email, password_version from users where id = i.user_id limit 1) u on true
left join lateral (
  select 1 as is_alive from sessions s
  where s.id = i.session_id and s.user_id = i.user_id and s.ended_at is null and s.ends_at > now() limit 1
) s on true
where u.name is distinct from i.name or u.email is distinct from i.email
  or (case when i.session_id is null then u.password_version = i.version else s.is_alive = 1 end) is not true`;

/** Looks at all connections of this node, once. */
export const createPeopleAudit =
  ({ database, all, renamed }: PeopleAuditNeeds) =>
  async (): Promise<void> => {
    for (const some of slices([...all()], slice)) {
      const rows = await database.query<UserInfo & { place: number; is_good: boolean }>(statement, [
        some.map(({ user }) => user.id),
        some.map(({ passwordVersion }) => passwordVersion),
        some.map(({ sessionId }) => sessionId ?? null),
        some.map(({ user }) => user.name),
        some.map(({ user }) => user.email),
      ]);
      for (const { place, is_good: isGood, ...user } of rows) {
        const connection = some[place - 1];
        if (!isGood) connection?.close("unauthenticated");
        else renamed(user);
      }
    }
  };
