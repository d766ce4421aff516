// Fetches what the page lacks of a chat's messages: the newest, the older ones, and what was missed meanwhile.
import type { MessageInfo } from "@windi/protocol";
import type { Clock } from "../clock.ts";
import { ApiError, type Api } from "../wire/api.ts";
import { backoffMs } from "../wire/backoff.ts";
import type { Chat } from "./chat.ts";

const endOfChat = 2_147_483_647;
const pageSize = 50;
const gapPageSize = 100;
/** What was missed beyond this many messages is not fetched: the page begins again at the end of the chat. */
const longestGap = 500;

interface HistoryNeeds {
  api: Pick<Api, "getHistory">;
  clock: Clock;
  onChange: () => void;
  /** A call failed in a way that trying again does not mend. */
  onFailure: (chat: Chat, error: ApiError) => void;
}

export function createHistory({ api, clock, onChange, onFailure }: HistoryNeeds) {
  /** What runs per chat, and whether it has to run once more. */
  const running = new Map<string, { again: boolean }>();
  let isDisposed = false;

  /** Runs one job per chat at a time; repeats it with growing waits until it succeeds or makes no sense. */
  async function run(name: string, chat: Chat, job: () => Promise<void>): Promise<void> {
    const key = `${name} ${chat.id}`;
    const active = running.get(key);
    if (active) {
      active.again = true;
      return;
    }
    const self = { again: false };
    running.set(key, self);
    for (let attempt = 0; !isDisposed;) {
      try {
        self.again = false;
        await job();
        onChange();
        if (!self.again) break;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const isPassing = [
          "offline",
          "rate_limited",
          "overloaded",
          "draining",
          "unavailable",
          "internal",
        ].includes(error.code);
        if (!isPassing) {
          onFailure(chat, error);
          break;
        }
        const pauseMs =
          Math.max((error.retryAfterSeconds ?? 0) * 1000, 500) + backoffMs(attempt++, clock.random);
        await new Promise<void>((resolve) => void clock.later(pauseMs, resolve));
      }
    }
    running.delete(key);
  }

  /** The page after the last message before a hole; whether it was full. */
  async function fetchAfter(chat: Chat): Promise<boolean> {
    const page = await api.getHistory(chat.id, { after_seq: chat.log.endSeq() }, gapPageSize);
    chat.log.merge(page);
    return page.length === gapPageSize && !isDisposed;
  }

  async function closeHole(chat: Chat): Promise<void> {
    while (chat.log.hasGap() && (await fetchAfter(chat)));
  }

  /** Only of a personal chat does "read by anyone" mean: read by me. Of a group nothing is known, so it counts as read. */
  function learnReading(chat: Chat, page: readonly MessageInfo[]): void {
    const before = (page[0]?.seq ?? 1) - 1;
    if (chat.info.type === "personal") {
      const read = page.findLast((message) => chat.marks.isFromOthers(message) && message.is_read);
      chat.marks.moveMine(read?.seq ?? before);
    } else if (chat.marks.mySeq() === 0) chat.marks.moveMine(page.at(-1)?.seq ?? 0);
    chat.isCounted = true;
  }

  return {
    isBusy: (chat: Chat) => running.has(`older ${chat.id}`),

    /** The end of the chat with fresh read marks, and whatever lies between it and what is here. */
    refresh: (chat: Chat): Promise<void> =>
      run("refresh", chat, async () => {
        const page = await api.getHistory(chat.id, { before_seq: endOfChat }, pageSize);
        const first = page[0];
        const missing = first && chat.isLoaded ? first.seq - chat.log.endSeq() - 1 : 0;
        if (!chat.isLoaded || missing > longestGap) {
          chat.log.restart([
            ...page,
            ...chat.log.messages.filter((message) => message.seq > (page.at(-1)?.seq ?? 0)),
          ]);
          chat.isComplete = page.length < pageSize;
          learnReading(chat, page);
        } else {
          chat.log.merge(page);
        }
        chat.isLoaded = true;
        await closeHole(chat);
      }),

    /** Something newer came, and what is between is missing. */
    closeHole: (chat: Chat): Promise<void> => run("hole", chat, () => closeHole(chat)),

    /** For the list: what came meanwhile in a chat that was never opened, one page at most. */
    catchUp: (chat: Chat): Promise<void> =>
      run("catch up", chat, async () => {
        await fetchAfter(chat);
      }),

    /** The newest message, for the list; what that says about my own reading is taken over. */
    peek: (chat: Chat, isNew: boolean): Promise<void> =>
      run("peek", chat, async () => {
        const [latest] = await api.getHistory(chat.id, { before_seq: endOfChat }, 1);
        if (!latest || chat.log.messages.length > 0) return;
        chat.log.merge([latest]);
        const isUnread = isNew || (chat.info.type === "personal" && !latest.is_read);
        if (isUnread) chat.isCounted = latest.seq === 1;
        else chat.marks.moveMine(latest.seq);
      }),

    /** The page before the oldest message that is here. */
    loadOlder: (chat: Chat): Promise<void> =>
      run("older", chat, async () => {
        const before = chat.log.firstSeq();
        if (before === undefined || chat.isComplete) return;
        const page = await api.getHistory(chat.id, { before_seq: before }, pageSize);
        chat.log.merge(page);
        if (page.length < pageSize) chat.isComplete = true;
      }),

    dispose(): void {
      isDisposed = true;
    },
  };
}

export type History = ReturnType<typeof createHistory>;
