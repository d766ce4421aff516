// The rules of what a person sets for one of their chats: pinned, muted, unread from here.
import {
  maxPins,
  type ChatSettingsChanged,
  type ChatSettingsRequest,
  type SavedSettings,
  type UserInfo,
} from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { Failure } from "../failure.ts";
import type { OwnNews } from "./news.ts";
import { findPlace, lockPins, updateSettings } from "./settings.store.ts";

export interface Settings {
  /** @throws Failure `chat_not_found`, `too_many_pins`, `invalid_request` for a place that the chat does not have */
  change(user: UserInfo, chatId: string, request: ChatSettingsRequest): Promise<SavedSettings>;
}

interface SettingsNeeds {
  database: Database;
  news: OwnNews;
}

export function createSettings({ database, news }: SettingsNeeds): Settings {
  return {
    async change(user, chatId, request) {
      const saved = await database.begin(async (db) => {
        if (request.is_pinned) await lockPins(db, user.id);
        const place = await findPlace(db, chatId, user.id);
        if (!place) throw new Failure("chat_not_found");
        if (request.is_pinned && place.other_pins >= maxPins) throw new Failure("too_many_pins");
        requireMessage(request.unread_from, place.last_seq);
        const changed = await updateSettings(db, chatId, user.id, request);
        if (!changed) throw new Failure("chat_not_found");
        return changed;
      });
      const { own_version, ...settings } = saved;
      const event: ChatSettingsChanged = { event: "chat_settings", chat_id: chatId, own_version, settings };
      if (Object.keys(request).length > 0) news.own(user.id, event);
      return saved;
    },
  };
}

function requireMessage(seq: number | null | undefined, lastSeq: number): void {
  if (typeof seq !== "number" || seq <= lastSeq) return;
  const msg = `Must be the seq of a message: the chat's newest is ${lastSeq}`;
  throw new Failure("invalid_request", { fields: [{ loc: ["body", "unread_from"], msg, type: "custom" }] });
}
