// Whether anybody has an account yet.
import type { Queries } from "../database/database.ts";

/** Once there are people it answers without asking: accounts stay. */
export function createPeopleCheck(database: Queries): () => Promise<boolean> {
  let hasPeople = false;
  return async () => {
    if (hasPeople) return true;
    const [row] = await database.query<{ has_people: boolean }>(
      "select exists (select from users) as has_people",
    );
    hasPeople = row?.has_people ?? false;
    return hasPeople;
  };
}
