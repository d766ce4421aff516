// Changes of chats' settings on their way to the server: shown at once, sent one after the other, undone when refused.
import type { ApiError, ConnectionError } from "./api-error.ts";
import type { Call } from "./call.ts";
import type { ChatSettings } from "./contract.ts";
import type { Patience } from "./patience.ts";

export type SettingsChange = Partial<ChatSettings>;

/** What of one chat the server has not answered. */
interface Lane {
  /** What the server said last. */
  told: ChatSettings;
  waiting: SettingsChange[];
  end: Promise<unknown>;
}

interface SettingsChangesNeeds {
  call: Call;
  patience: Patience;
  goesOn: (failure: ApiError | ConnectionError) => boolean;
  /** The server has these settings as of this own version; answers those that are known then. */
  onTold: (chatId: string, settings: ChatSettings, version: number) => ChatSettings;
  /** These settings are to be shown of the chat. */
  onMoved: (chatId: string, settings: ChatSettings) => void;
}

const unset: ChatSettings = { is_pinned: false, muted_until: null, unread_from: null };

export function createSettingsChanges({ call, patience, goesOn, onTold, onMoved }: SettingsChangesNeeds) {
  const lanes = new Map<string, Lane>();

  const join = ({ told, waiting }: Lane): ChatSettings => Object.assign({}, told, ...waiting) as ChatSettings;

  async function send(chatId: string, lane: Lane, change: SettingsChange): Promise<ChatSettings> {
    const input = { params: { chat_id: chatId }, body: change };
    try {
      const { own_version, ...settings } = await patience.insist(() => call("changeSettings", input), goesOn);
      lane.told = onTold(chatId, settings, own_version);
      return lane.told;
    } finally {
      lane.waiting = lane.waiting.filter((other) => other !== change);
      if (lane.waiting.length === 0) lanes.delete(chatId);
      onMoved(chatId, join(lane));
    }
  }

  return {
    /** What the server has told, with what is on its way. */
    over(chatId: string, told: ChatSettings): ChatSettings {
      const lane = lanes.get(chatId);
      if (!lane) return told;
      lane.told = told;
      return join(lane);
    },
    /** Resolves with what the server has then; fails when it refuses. */
    async change(chatId: string, change: SettingsChange, current = unset): Promise<ChatSettings> {
      const lane = lanes.get(chatId) ?? { told: current, waiting: [], end: Promise.resolve() };
      lanes.set(chatId, lane);
      lane.waiting = [...lane.waiting, change];
      onMoved(chatId, join(lane));
      const sending = lane.end.then(() => send(chatId, lane, change));
      lane.end = sending.catch(() => {});
      return sending;
    },
  };
}
