// What can be done with a chat from its row and from its details, as the items of a menu.
import type { ChatSummary } from "@windi/sdk";
import type { Language } from "../../messages/language.ts";
import { Bell, BellOff, Check, LogOut, MailOpen, Pin, PinOff, Trash } from "../../parts/icons.ts";
import type { MenuItem } from "../../parts/menu-item.ts";
import type { ChatActions } from "./chat-actions.ts";
import { isMuted, isUnread } from "./chat-order.ts";

/** What is asked about before it is done. */
export type Parting = { readonly kind: "leave" | "remove"; readonly chat: ChatSummary };

interface RowMenuNeeds {
  chat: ChatSummary;
  myId: string;
  actions: ChatActions;
  say: Language["say"];
  now: number;
  part: (parting: Parting) => void;
}

export function rowMenu({ chat, myId, actions, say, now, part }: RowMenuNeeds): MenuItem[] {
  const { is_pinned: isPinned } = chat.settings;
  const isMine = chat.creator_id === myId;
  const pinning: MenuItem = {
    label: say(isPinned ? "unpin" : "pin"),
    icon: isPinned ? PinOff : Pin,
    run: () => void actions.pin(chat, !isPinned),
  };
  const reading: MenuItem = isUnread(chat)
    ? { label: say("mark_read"), icon: Check, run: () => actions.markRead(chat) }
    : { label: say("mark_unread"), icon: MailOpen, run: () => void actions.markUnread(chat) };
  const parting: MenuItem[] =
    chat.type === "personal"
      ? []
      : [
          {
            label: say(isMine ? "delete_group" : "leave_group"),
            icon: isMine ? Trash : LogOut,
            isDangerous: true,
            run: () => part({ kind: isMine ? "remove" : "leave", chat }),
          },
        ];
  return [pinning, reading, ...muteMenu({ chat, actions, say, now }), ...parting];
}

/** The choices of silence; sound where there is silence. */
export function muteMenu({
  chat,
  actions,
  say,
  now,
}: Pick<RowMenuNeeds, "chat" | "actions" | "say" | "now">): MenuItem[] {
  if (isMuted(chat, now))
    return [{ label: say("unmute"), icon: Bell, run: () => void actions.mute(chat, 0) }];
  const choices = [
    ["mute_hour", 1],
    ["mute_8_hours", 8],
    ["mute_for_good", Infinity],
  ] as const;
  return choices.map(([key, hours]) => ({
    label: say(key),
    icon: BellOff,
    run: () => void actions.mute(chat, hours),
  }));
}
