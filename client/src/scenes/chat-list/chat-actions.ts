// What a person does with a chat as a whole. Settings are seen at once, and taken back when the server refuses them.
import {
  createObservable,
  type Client,
  type ChatSettings,
  type ChatSummary,
  type Observable,
} from "@windi/sdk";
import { describeFailure } from "../../messages/failure.ts";
import type { Language } from "../../messages/language.ts";
import type { Notices } from "../../state/notices.ts";

export interface ChatActions {
  /** The list's chats with the settings that are on their way. */
  readonly chats: Observable<readonly ChatSummary[]>;
  find(chatId: string): ChatSummary | undefined;
  pin(chat: ChatSummary, isPinned: boolean): Promise<void>;
  /** @param hours `Infinity`: for good; 0: not muted */
  mute(chat: ChatSummary, hours: number): Promise<void>;
  markRead(chat: ChatSummary): void;
  markUnread(chat: ChatSummary): Promise<void>;
  /** Whether it is done. */
  leave(chat: ChatSummary): Promise<boolean>;
  remove(chat: ChatSummary): Promise<boolean>;
  dispose(): void;
}

interface ChatActionsNeeds {
  client: Pick<Client, "call" | "chats">;
  notices: Pick<Notices, "tell" | "fault">;
  language: Pick<Language, "say" | "dates">;
  now: () => number;
}

const forGood = "9999-12-31T23:59:59.999Z";
const hourMs = 3_600_000;

interface Wanted {
  readonly change: Partial<ChatSettings>;
  /** What the list had when it was wanted: as soon as it has something else, that is newer. */
  readonly before: ChatSettings;
}

export function createChatActions({ client, notices, language, now }: ChatActionsNeeds): ChatActions {
  const { say } = language;
  const wanted = new Map<string, Wanted>();
  const chats = createObservable<readonly ChatSummary[]>([]);

  function show(): void {
    const told = client.chats.get().chats;
    for (const { id, settings } of told) if (wanted.get(id)?.before !== settings) wanted.delete(id);
    chats.set(wanted.size === 0 ? told : sort(told.map((chat) => withWanted(chat, wanted.get(chat.id)))));
  }

  const stop = client.chats.subscribe(show);

  async function attempt(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      notices.fault(describeFailure(language, error));
      return false;
    }
  }

  async function change(chatId: string, settings: Partial<ChatSettings>): Promise<void> {
    const before = client.chats.find(chatId)?.settings;
    if (!before) return;
    const own: Wanted = { before, change: { ...wanted.get(chatId)?.change, ...settings } };
    wanted.set(chatId, own);
    show();
    const input = { params: { chat_id: chatId }, body: settings };
    if (await attempt(() => client.call("changeSettings", input))) return;
    if (wanted.get(chatId) === own) wanted.delete(chatId);
    show();
  }

  const groupOf = ({ group_id, id }: ChatSummary) => ({ params: { group_id: group_id ?? id } });

  return {
    chats,
    find: (chatId) => chats.get().find(({ id }) => id === chatId),
    pin: (chat, isPinned) => change(chat.id, { is_pinned: isPinned }),
    mute(chat, hours) {
      const until = hours === Infinity ? forGood : new Date(now() + hours * hourMs).toISOString();
      return change(chat.id, { muted_until: hours === 0 ? null : until });
    },
    markRead(chat) {
      if (chat.last_message && chat.read_seq < chat.seq) client.chats.markRead(chat.id);
      else if (chat.settings.unread_from !== null) void change(chat.id, { unread_from: null });
    },
    markUnread: (chat) => change(chat.id, { unread_from: Math.max(1, chat.seq) }),
    async leave(chat) {
      const isDone = await attempt(() => client.call("leaveGroup", groupOf(chat)));
      if (isDone) notices.tell(say("left_group", { name: chat.name }));
      return isDone;
    },
    async remove(chat) {
      const isDone = await attempt(() => client.call("deleteGroup", groupOf(chat)));
      if (isDone) notices.tell(say("deleted_group", { name: chat.name }));
      return isDone;
    },
    dispose: stop,
  };
}

const withWanted = (chat: ChatSummary, wanted: Wanted | undefined): ChatSummary =>
  wanted ? { ...chat, settings: { ...chat.settings, ...wanted.change } } : chat;

/** Pinned ones first; else as they are. */
const sort = (chats: readonly ChatSummary[]): readonly ChatSummary[] =>
  chats.toSorted((a, b) => Number(b.settings.is_pinned) - Number(a.settings.is_pinned));
