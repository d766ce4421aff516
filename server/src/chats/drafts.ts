// The rules of what a person has written in a chat and not sent.
import type { Draft, UserInfo } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { Failure } from "../failure.ts";
import { saveDraft } from "./drafts.store.ts";
import type { OwnNews } from "./news.ts";

export interface Drafts {
  /** Null for an empty text: there is none any more. @throws Failure `chat_not_found` */
  save(user: UserInfo, chatId: string, text: string): Promise<Draft | null>;
}

interface DraftsNeeds {
  database: Database;
  news: OwnNews;
}

export function createDrafts({ database, news }: DraftsNeeds): Drafts {
  return {
    async save(user, chatId, text) {
      const draft = await saveDraft(database, chatId, user.id, text);
      if (draft === undefined) throw new Failure("chat_not_found");
      news.own(user.id, { event: "draft", chat_id: chatId, draft });
      return draft;
    },
  };
}
