// The table of used tickets: whoever puts a ticket into it first has used it.
import type { Queries } from "../database/database.ts";

// In the order of their ids, so that nodes that store the same tickets do not wait for each other in a circle.
const insertion = `/* tickets */
insert into used_tickets (id) select id from unnest($1::text[]) i(id) group by id order by id
on conflict do nothing returning id`;

/** In their order, for each whether this is the first time. */
export async function redeem(queries: Queries, ids: readonly string[]): Promise<boolean[]> {
  const rows = await queries.query<{ id: string }>(insertion, [ids]);
  const fresh = new Set(rows.map(({ id }) => id));
  return ids.map((id) => fresh.delete(id));
}

/** Rows per statement. */
const slice = 5000;

/** Erases those of which none can be good any more, also by a clock that is late. */
export async function eraseTickets(queries: Queries): Promise<void> {
  for (;;) {
    const erased = await queries.query(
      `delete from used_tickets where id in (
        select id from used_tickets where used_at < now() - interval '10 minutes' limit ${slice} for update skip locked
      ) returning id`,
    );
    if (erased.length < slice) return;
  }
}
