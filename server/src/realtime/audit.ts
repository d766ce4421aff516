// The periodic look at the database that finds what the bus lost: changes of chats, people who came, people who went.
import type { ChatSummary } from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import { confirmMembers, readAdditions, readStates, type ChatState } from "./audit.store.ts";
import type { Fanout } from "./fanout.ts";
import type { Interest } from "./interest.ts";
import type { Revocations } from "./revocations.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface Audit {
  /** Looks at everything that this node's connections hear, once. */
  run(): Promise<void>;
  /** Looks only at where these chats are. */
  look(chatIds: readonly string[]): Promise<void>;
}

interface AuditNeeds {
  database: Queries;
  interest: Interest;
  subscriptions: Subscriptions;
  revocations: Revocations;
  hint: Fanout["hint"];
  admit: Fanout["admit"];
  /** People joined the chat or left it. */
  membersChanged(chatId: string): void;
  /** A chat as this user sees it; undefined if it is not theirs. */
  summary(userId: string, chatId: string): Promise<ChatSummary | undefined>;
  /** Milliseconds since any moment. */
  now(): number;
}

/** Ids in one statement: a few milliseconds of the database. */
const slice = 1000;
/** Whoever came before the last look was committed late at most by so much. */
const overlapSeconds = 60;

export function createAudit(needs: AuditNeeds): Audit {
  const { database, interest, subscriptions, revocations, hint, admit, membersChanged, summary, now } = needs;
  /** The membership's version of each followed chat when it was looked at last. */
  let seen = new Map<string, number>();
  let lastRunAt: number | undefined;

  /** Tells of those chats that are further than is known here. */
  async function compare(chatIds: readonly string[]): Promise<ChatState[]> {
    const states: ChatState[] = [];
    for (const some of slices(chatIds)) {
      for (const state of await readStates(database, some)) {
        const { chat_id, seq, version } = state;
        const known = interest.known(chat_id);
        if (known === undefined) interest.note({ chat_id, seq, version });
        else if (known.version < version) hint({ chat_id, seq, version });
        states.push(state);
      }
    }
    return states;
  }

  /** Takes out of these chats who is not in them. */
  async function removeStrangers(chatIds: readonly string[]): Promise<void> {
    for (const some of slices(subscriptions.hearing(new Set(chatIds)))) {
      const rows = await confirmMembers(database, some);
      const confirmed = new Set(rows.map((row) => `${row.chat_id} ${row.user_id}`));
      for (const { chatId, userId } of some)
        if (!confirmed.has(`${chatId} ${userId}`)) revocations.settle(chatId, [userId]);
    }
  }

  async function addMissing(sinceSeconds: number): Promise<void> {
    const followers = [...subscriptions.followers()].map(([userId]) => userId);
    for (const userIds of slices(followers)) {
      const follows = new Map(subscriptions.followers());
      for (const { chat_id, user_id } of await readAdditions(database, userIds, sinceSeconds)) {
        if (follows.get(user_id)?.includes(chat_id) !== false) continue;
        const chat = await summary(user_id, chat_id);
        if (chat) admit([user_id], chat);
      }
    }
  }

  return {
    look: async (chatIds) => void (await compare(chatIds)),
    async run() {
      const startedAt = now();
      const chatIds = [...interest.all()];
      const states = await compare(chatIds);
      const versions = new Map(states.map((state) => [state.chat_id, state.members_version]));
      // A chat that is gone, or whose membership is another than at the last look.
      const changed = chatIds.filter((id) => !versions.has(id) || seen.get(id) !== versions.get(id));
      for (const chatId of changed) membersChanged(chatId);
      await removeStrangers(changed);
      seen = versions;
      const pauseMs = lastRunAt === undefined ? 0 : startedAt - lastRunAt;
      await addMissing(pauseMs / 1000 + overlapSeconds);
      lastRunAt = startedAt;
    },
  };
}

function* slices<T>(items: readonly T[]): Iterable<T[]> {
  for (let from = 0; from < items.length; from += slice) yield items.slice(from, from + slice);
}
