// Which message the arrow up changes: the last of one's own that is not deleted, wherever in the chat the reader is.
import type { ChatLog, Outbox } from "@windi/sdk";
import { applyChange, type LocalChanges } from "./local-changes.ts";
import { rowOfMessage, type Row } from "./rows.ts";

export interface Editing {
  /** Of what is edited: another key begins anew. */
  readonly key: string;
  readonly text: string;
  readonly mentions: readonly string[];
}

/** Without a message it was refused, and is written anew. */
export type Editable = Editing & Pick<Row, "message">;

interface LastOwnNeeds {
  log: Pick<ChatLog, "get" | "loadEnd" | "loadOlder">;
  changes: Pick<LocalChanges, "get">;
  outbox: Pick<Outbox, "delivered">;
  myId: string;
  later: (delayMs: number, call: () => void) => () => void;
  /** The end of the chat has been loaded, and where the reader was is not here any more. */
  toEnd: () => void;
}

/** Who presses a key does not expect anything of it later. */
const patienceMs = 2000;
/** Further up than so many pages nobody means with it. */
const mostPages = 6;

/** What is on its way or not here yet is waited for, but not for long: changed is only what the server has, or has refused. */
export function findLastOwn(needs: LastOwnNeeds): Promise<Editable | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  let isLate = false;
  const cancel = needs.later(patienceMs, () => {
    isLate = true;
    resolve(undefined);
  });
  return Promise.race([search(needs, () => isLate), late]).finally(cancel);
}

async function search(
  { log, changes, outbox, myId, toEnd }: LastOwnNeeds,
  isLate: () => boolean,
): Promise<Editable | undefined> {
  if (!log.get().isAtEnd) {
    // What fails is in the log's state.
    await log.loadEnd().catch(() => {});
    if (isLate() || !log.get().isAtEnd) return undefined;
    toEnd();
  }
  const entry = log.get().pending.at(-1);
  if (entry?.state === "refused") return { ...entry, message: undefined };
  if (entry) {
    const stored = await outbox.delivered(entry.key).catch(() => undefined);
    return stored && rowOfMessage(stored, myId);
  }
  const find = () =>
    log
      .get()
      .messages.map((message) => rowOfMessage(applyChange(message, changes.get()), myId))
      .findLast(({ isOwn, isDeleted }) => isOwn && !isDeleted);
  for (let pages = 0; pages < mostPages && !isLate() && !log.get().isAtStart && !find(); pages++)
    await log.loadOlder().catch(() => {});
  return find();
}
