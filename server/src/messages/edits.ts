// Editing and deleting: only one's own messages, in the lane of their chat, each change with a version of its own.
import type { ErrorCode, MessageInfo, UserInfo } from "@windi/protocol";
import type { Database, Queries } from "../database/database.ts";
import { databaseFailure, isConflict } from "../database/failures.ts";
import { Failure } from "../failure.ts";
import { namedOthers } from "./append.ts";
import { createBatches } from "./batches.ts";
import { lockChats, readTargets, writeMessages, type FoundTarget } from "./edits.store.ts";
import type { Lanes } from "./lanes.ts";

export interface Removal {
  chatId: string;
  messageId: string;
  user: UserInfo;
}

export interface Edit extends Removal {
  text: string;
  /** Ids of the people whom the text names. */
  mentions: readonly string[];
}

export interface Edited {
  message: MessageInfo;
  /** False if it was like this already: then nothing is told of it. */
  isChanged: boolean;
}

interface EditorNeeds<Origin> {
  database: Database;
  lanes: Lanes;
  /**
   * Called for each change right after its commit, in the order of version within a chat, before the promise of who
   * made it resolves. Must not throw.
   */
  onChanged(message: MessageInfo, origin: Origin): void;
}

export interface Editor<Origin> {
  /**
   * @throws Failure `chat_not_found`, `message_not_found` (also of a deleted one), `not_the_sender`, `overloaded`,
   * `unavailable`, `storage_full`
   */
  edit(edit: Edit, origin: Origin): Promise<Edited>;
  /** Leaves a message without text and mentions. @throws Failure as `edit` does */
  remove(removal: Removal, origin: Origin): Promise<Edited>;
}

interface Entry<Origin> {
  change: Removal | Edit;
  origin: Origin;
}

type Outcome = Edited | ErrorCode;

const maxBatch = 100;
const maxWaiting = 2000;
const maxAttempts = 5;

export function createEditor<Origin>({ database, lanes, onChanged }: EditorNeeds<Origin>): Editor<Origin> {
  async function run(entries: readonly Entry<Origin>[]): Promise<Outcome[]> {
    const outcomes = await commit(entries.map((entry) => entry.change));
    outcomes.forEach((outcome, place) => {
      const { origin } = entries[place] as Entry<Origin>;
      if (typeof outcome !== "string" && outcome.isChanged) onChanged(outcome.message, origin);
    });
    return outcomes;
  }

  async function commit(changes: readonly (Removal | Edit)[]): Promise<Outcome[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await database.begin((transaction) => changeMessages(transaction, changes));
      } catch (error) {
        if (isConflict(error) && attempt < maxAttempts) continue;
        throw databaseFailure(error) ?? error;
      }
    }
  }

  const batchesOf = lanes.each((lane) =>
    createBatches<Entry<Origin>, Outcome>({
      run: (entries) => lane(() => run(entries)),
      maxBatch,
      maxWaiting,
    }),
  );

  async function change(change: Removal | Edit, origin: Origin): Promise<Edited> {
    const outcome = await batchesOf(change.chatId).add({ change, origin });
    if (typeof outcome === "string") throw new Failure(outcome);
    return outcome;
  }

  return { edit: change, remove: change };
}

async function changeMessages(
  transaction: Queries,
  changes: readonly (Removal | Edit)[],
): Promise<Outcome[]> {
  const targets = changes.map((change) => ({
    chatId: change.chatId,
    userId: change.user.id,
    messageId: change.messageId,
    mentions: "text" in change ? namedOthers(change.mentions, change.user.id) : [],
  }));
  const versions = await lockChats(transaction, targets);
  const found = await readTargets(transaction, targets);
  // Several changes of one batch may meet in one message: each goes on from the one before it.
  const written = new Map<string, { before: MessageInfo; after: MessageInfo }>();
  const outcomes = changes.map((change, place): Outcome => {
    const target = found[place] as FoundTarget;
    const { message: before } = target;
    const key = `${change.chatId} ${change.messageId}`;
    const outcome = decide(change, { ...target, message: written.get(key)?.after ?? before });
    if (typeof outcome === "string" || !outcome.isChanged || !before) return outcome;
    const version = versions.get(change.chatId);
    // They came into the chat after the lock was refused to them.
    if (version === undefined) return "chat_not_found";
    versions.set(change.chatId, version + 1);
    const message = { ...outcome.message, version: version + 1 };
    written.set(key, { before, after: message });
    return { message, isChanged: true };
  });
  if (written.size > 0) await writeMessages(transaction, [...written.values()]);
  return outcomes;
}

/** The message as it is to be, but for its version. */
function decide(change: Removal | Edit, { isMember, message, mentions, now }: FoundTarget): Outcome {
  if (!isMember) return "chat_not_found";
  if (!message) return "message_not_found";
  if (message.sender.id !== change.user.id) return "not_the_sender";
  const isDeleted = message.deleted_at !== null;
  if (!("text" in change)) {
    if (isDeleted) return { message, isChanged: false };
    return { message: { ...message, text: "", mentions: [], deleted_at: now }, isChanged: true };
  }
  if (isDeleted) return "message_not_found";
  if (message.text === change.text && message.mentions.join() === mentions.join())
    return { message, isChanged: false };
  return { message: { ...message, text: change.text, mentions, edited_at: now }, isChanged: true };
}
