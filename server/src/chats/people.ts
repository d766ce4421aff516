// The rules of finding people: nobody is listed to strangers.
import type { PeopleQuery, UserInfo } from "@windi/protocol";
import { emailKey } from "../accounts/accounts.store.ts";
import type { Queries } from "../database/database.ts";
import { toNamePattern } from "./name-pattern.ts";
import { findByAddress, findByName } from "./people.store.ts";

export interface People {
  /** Whoever has this address; or by name those who share a chat with the user, the best first. Never the user. */
  find(user: UserInfo, query: PeopleQuery): Promise<UserInfo[]>;
}

export function createPeople({ database }: { database: Queries }): People {
  return {
    async find(user, { query, limit }) {
      const known = query.includes("@") ? await findByAddress(database, user.id, emailKey(query)) : [];
      if (known.length > 0) return known;
      const pattern = toNamePattern(query);
      return pattern ? findByName(database, user.id, pattern, limit) : [];
    },
  };
}
