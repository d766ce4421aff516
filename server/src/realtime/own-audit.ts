// The periodic look at the database for what the bus lost of what people changed for themselves, on another device.
import type { Bus } from "../bus/bus.ts";
import type { Queries } from "../database/database.ts";
import type { Interest } from "./interest.ts";
import { slices } from "./slices.ts";
import type { Subscriptions } from "./subscriptions.ts";

interface OwnAuditNeeds {
  database: Queries;
  bus: Pick<Bus<unknown>, "isAlone">;
  interest: Pick<Interest, "known">;
  subscriptions: Pick<Subscriptions, "followers" | "subscribed">;
}

/** People in one statement: a few milliseconds of the database. */
const slice = 250;

const statement = `/* audit_own */
select m.chat_id, m.user_id, m.own_version from unnest($1::uuid[]) i(id)
cross join lateral (
  select chat_id, user_id, own_version from members
  where user_id = i.id and greatest(own_at, joined_at) > now() - make_interval(secs => $2::float8)
) m`;

/**
 * Tells those who follow their chats here how often they have changed something of them, where that was in the last
 * seconds; a device that was not told of all asks for the chat's summary. So does one that does not know the chat: they may
 * have come into it in these seconds, and it is followed here since another of their devices said so.
 */
export const createOwnAudit =
  ({ database, bus, interest, subscriptions }: OwnAuditNeeds) =>
  async (sinceSeconds: number): Promise<void> => {
    if (bus.isAlone) return;
    const userIds = [...subscriptions.followers()].map(([userId]) => userId);
    for (const some of slices(userIds, slice)) {
      const rows = await database.query<{ chat_id: string; user_id: string; own_version: number }>(
        statement,
        [some, sinceSeconds],
      );
      for (const { chat_id, user_id, own_version } of rows) {
        const position = interest.known(chat_id);
        if (!position) continue;
        for (const connection of subscriptions.subscribed(user_id))
          connection.answer({ event: "position", ...position, own_version });
      }
    }
  };
