// The rules of what a person has written in a chat and not sent.
import type { SavedDraft, UserInfo } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { Failure } from "../failure.ts";
import { saveDraft } from "./drafts.store.ts";
import type { OwnNews } from "./news.ts";

export interface Drafts {
  /** For an empty text there is none any more. @throws Failure `chat_not_found` */
  save(user: UserInfo, chatId: string, text: string): Promise<SavedDraft>;
}

interface DraftsNeeds {
  database: Database;
  news: OwnNews;
}

export function createDrafts({ database, news }: DraftsNeeds): Drafts {
  return {
    async save(user, chatId, text) {
      const saved = await database.begin((db) => saveDraft(db, chatId, user.id, text));
      if (saved === undefined) throw new Failure("chat_not_found");
      news.own(user.id, { event: "draft", chat_id: chatId, ...saved });
      return saved;
    },
  };
}
