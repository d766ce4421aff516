// What a person keeps of chats and finds for themself: the rules of it, put together.
import type { Database } from "../database/database.ts";
import { createDrafts } from "./drafts.ts";
import type { OwnNews } from "./news.ts";
import { createPeople } from "./people.ts";
import { createSettings } from "./settings.ts";

export const createOwn = (needs: { database: Database; news: OwnNews }) => ({
  settings: createSettings(needs),
  drafts: createDrafts(needs),
  people: createPeople(needs),
});

export type Own = ReturnType<typeof createOwn>;
