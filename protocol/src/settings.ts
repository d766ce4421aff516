// What a person keeps of a chat for themself, on all devices: pinned, muted, unread from here, and an unfinished message.
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { Seq } from "./messages.ts";
import { Id, Timestamp, text } from "./text.ts";

export const ChatSettings = z
  .object({
    is_pinned: z.boolean().meta({ description: "Stands before all chats that are not." }),
    muted_until: Timestamp.nullable().meta({
      description: "No sound and no notification until then; 9999-12-31T23:59:59.999Z for good.",
    }),
    unread_from: Seq.min(1).nullable().meta({
      description:
        "Marked as unread from this seq on, whatever was read; until a message at or after it is read.",
    }),
  })
  .meta({ id: "ChatSettings" });
export type ChatSettings = z.infer<typeof ChatSettings>;

export const OwnVersion = Seq.meta({
  description:
    "Counts what the user changes for themself in this chat: settings, draft, what is read. Of two, the greater is the later.",
});

export const SavedSettings = ChatSettings.extend({ own_version: OwnVersion }).meta({ id: "SavedSettings" });
export type SavedSettings = z.infer<typeof SavedSettings>;

export const ChatSettingsRequest = ChatSettings.partial().meta({
  id: "ChatSettingsRequest",
  description: "What is not named stays as it is.",
});
export type ChatSettingsRequest = z.infer<typeof ChatSettingsRequest>;

export const Draft = z
  .object({ text: text(1, 4096), updated_at: Timestamp })
  .meta({ id: "Draft", description: "A message that is not sent yet." });
export type Draft = z.infer<typeof Draft>;

export const DraftRequest = z
  .object({ text: text(0, 4096).meta({ description: "Empty: there is no draft any more." }) })
  .meta({ id: "DraftRequest" });
export type DraftRequest = z.infer<typeof DraftRequest>;

/** Chats that one may pin. */
export const maxPins = 20;

const ChatPath = z.object({ chat_id: Id });

export const SavedDraft = z
  .object({ draft: Draft.nullable(), own_version: OwnVersion })
  .meta({ id: "SavedDraft" });
export type SavedDraft = z.infer<typeof SavedDraft>;

export const changeSettings = defineEndpoint({
  method: "PATCH",
  path: "/chats/{chat_id}/settings",
  tag: "chats",
  summary: "Pin or mute one of my chats, or mark it as unread",
  auth: "bearer",
  params: ChatPath,
  body: ChatSettingsRequest,
  status: 200,
  answer: SavedSettings,
  errors: ["chat_not_found", "too_many_pins", "storage_full"],
});

export const saveDraft = defineEndpoint({
  method: "PUT",
  path: "/chats/{chat_id}/draft",
  tag: "chats",
  summary: "Keep what I have written in a chat and not sent; the last one to write wins",
  auth: "bearer",
  params: ChatPath,
  body: DraftRequest,
  status: 200,
  answer: SavedDraft,
  errors: ["chat_not_found", "storage_full"],
});
