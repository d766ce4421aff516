// What of a chat's log is in the document, and what is asked for next: the slice, the rows in it, the target.
import type { ChatLog, ChatLogState, UserInfo } from "@windi/sdk";
import { applyChange, type LocalChangesState } from "./local-changes.ts";
import type { Target } from "./place.ts";
import { buildRows, rowOfEntry, rowOfMessage, type Row } from "./rows.ts";
import {
  findKept,
  findNeeds,
  fitSlice,
  isWithin,
  mostRows,
  sliceAround,
  sliceAtEnd,
  type Range,
} from "./slice.ts";

/** Every message that is here, and after the newest one what is on its way; undefined while there is nothing. */
export function findAll(state: ChatLogState): Range | undefined {
  const { messages, pending, isAtEnd, endSeq } = state;
  const first = messages[0]?.seq ?? endSeq + 1;
  const last = (messages.at(-1)?.seq ?? endSeq) + (isAtEnd ? pending.length : 0);
  return last < first ? undefined : { first, last };
}

/**
 * @param wanted undefined: the end, whatever comes
 * @param target what is to be shown first
 */
export function findSlice(
  wanted: Range | undefined,
  all: Range | undefined,
  { size, target }: { size: number; target: Target | undefined },
): Range | undefined {
  if (!all) return undefined;
  if (wanted) return fitSlice(wanted, all);
  const isElsewhere = target && target.kind !== "end" && isWithin(target.seq, all);
  // Whether the target is to be at the top or in the middle, the view is full.
  return isElsewhere ? sliceAround(target.seq, all, Math.min(mostRows, 2 * size)) : sliceAtEnd(all, size);
}

export function findRows(
  state: ChatLogState,
  slice: Range,
  { me, changes, unreadFrom }: { me: UserInfo; changes: LocalChangesState; unreadFrom: number | undefined },
): Row[] {
  const { messages, pending, isAtEnd, endSeq } = state;
  const start = messages[0]?.seq ?? endSeq + 1;
  const end = messages.at(-1)?.seq ?? endSeq;
  const shown = messages
    .slice(Math.max(0, slice.first - start - 1), slice.last - start + 2)
    .map((message) => rowOfMessage(applyChange(message, changes), me.id));
  const onTheirWay = isAtEnd ? pending : [];
  const entries = onTheirWay.map((entry, index) => rowOfEntry(entry, end + 1 + index, me));
  return buildRows([...shown, ...entries], slice, unreadFrom);
}

/** Asks for messages before the reader comes to them, and drops those that are far away. What fails is in the log's state. */
export function feed(log: Pick<ChatLog, "get" | "loadOlder" | "loadNewer" | "trim">, slice: Range): void {
  const state = log.get();
  const loaded = { first: state.messages[0]?.seq ?? 0, last: state.messages.at(-1)?.seq ?? 0 };
  const needs = findNeeds(slice, loaded, state);
  if (needs.older) log.loadOlder().catch(() => {});
  if (needs.newer) log.loadNewer().catch(() => {});
  const kept = findKept(slice, loaded);
  if (kept) log.trim(kept);
}
