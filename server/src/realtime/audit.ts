// The periodic look at the database that finds what the bus lost: changes of chats, people who came, people who went, what they changed for themselves.
import type { ChatSummary } from "@windi/protocol";
import type { Queries } from "../database/database.ts";
import { confirmMembers, membersAmong, readAdditions, readStates, type ChatState } from "./audit.store.ts";
import type { Fanout } from "./fanout.ts";
import type { Gate } from "./gate.ts";
import type { Interest } from "./interest.ts";
import type { Revocations } from "./revocations.ts";
import { slices } from "./slices.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface Audit {
  /** Looks at everything that this node's connections hear, once. */
  run(): Promise<void>;
  /** Looks only at where these chats are. */
  look(chatIds: readonly string[]): Promise<void>;
}

interface AuditNeeds {
  database: Queries;
  gate: Gate;
  interest: Interest;
  subscriptions: Subscriptions;
  revocations: Revocations;
  hint: Fanout["hint"];
  admit: Fanout["admit"];
  /** Looks at the people whose connections these are. */
  lookAtPeople(): Promise<void>;
  /** Looks at what these people changed for themselves in the last seconds. */
  lookAtOwn(sinceSeconds: number): Promise<void>;
  /** People joined the chat or left it. */
  membersChanged(chatId: string): void;
  /** A chat as this user sees it; undefined if it is not theirs. */
  summary(userId: string, chatId: string): Promise<ChatSummary | undefined>;
  /** Milliseconds since any moment. */
  now(): number;
}

/** Ids in one statement: a few milliseconds of the database. */
const slice = 1000;
/** What began before the last look was committed late at most by so much. */
const overlapSeconds = 60;

export function createAudit(needs: AuditNeeds): Audit {
  const { database, gate, interest, subscriptions, revocations } = needs;
  const { hint, admit, lookAtPeople, lookAtOwn, membersChanged, summary, now } = needs;
  /** The membership's version of each followed chat when it was looked at last. */
  let seen = new Map<string, number>();
  let lastRunAt: number | undefined;

  /** Tells of those chats that are further than is known here. */
  async function compare(chatIds: readonly string[]): Promise<ChatState[]> {
    const states: ChatState[] = [];
    for (const some of slices(chatIds, slice)) {
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
    for (const some of slices(subscriptions.hearing(new Set(chatIds)), slice)) {
      const rows = await confirmMembers(database, some);
      const confirmed = new Set(rows.map((row) => `${row.chat_id} ${row.user_id}`));
      const others = some.filter(({ chatId, userId }) => !confirmed.has(`${chatId} ${userId}`));
      for (const [chatId, pairs] of Map.groupBy(others, (pair) => pair.chatId))
        await removeFrom(
          chatId,
          pairs.map((pair) => pair.userId),
        );
    }
  }

  /** They may have come back since that was read; who comes while it is read again waits, and is let in after it. */
  async function removeFrom(chatId: string, userIds: readonly string[]): Promise<void> {
    const end = gate.hold(chatId, new Set(userIds));
    try {
      const inside = new Set(await membersAmong(database, chatId, userIds));
      const strangers = userIds.filter((userId) => !inside.has(userId));
      if (strangers.length > 0) revocations.settle(chatId, strangers);
    } finally {
      end();
    }
  }

  async function addMissing(sinceSeconds: number): Promise<void> {
    const followers = [...subscriptions.followers()].map(([userId]) => userId);
    for (const userIds of slices(followers, slice)) {
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
      await lookAtPeople();
      const chatIds = [...interest.all()];
      const states = await compare(chatIds);
      const versions = new Map(states.map((state) => [state.chat_id, state.members_version]));
      // A chat that is gone, or whose membership is another than at the last look.
      const changed = chatIds.filter((id) => !versions.has(id) || seen.get(id) !== versions.get(id));
      for (const chatId of changed) membersChanged(chatId);
      await removeStrangers(changed);
      seen = versions;
      const pauseMs = lastRunAt === undefined ? 0 : startedAt - lastRunAt;
      const sinceSeconds = pauseMs / 1000 + overlapSeconds;
      await addMissing(sinceSeconds);
      await lookAtOwn(sinceSeconds);
      lastRunAt = startedAt;
    },
  };
}
