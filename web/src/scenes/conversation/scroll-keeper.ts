// Holds the reader's place in the scrolled list: at the end, or with the first message that is seen where it is.
import { endReach, findCorrection, findFirstBelow, findHolders, type Edge, type Held } from "./anchor.ts";
import type { KeptPlace, Target } from "./place.ts";
import type { Range } from "./slice.ts";

/** Below the top of the view, clear of the day that sticks there. */
const topOffset = 48;
/** Room for the unread line too. */
const unreadOffset = 80;

interface ScrollKeeperNeeds {
  scroller: HTMLElement;
  /** Messages in the document in their order, each with `data-key` and `data-seq`. */
  messages: HTMLCollectionOf<HTMLElement>;
  /** Whether the chat's newest message is in the document. */
  hasEnd: () => boolean;
}

export function createScrollKeeper({ scroller, messages, hasEnd }: ScrollKeeperNeeds) {
  let held: (Held & { seq: number })[] = [];
  let isAtEnd = false;
  /** What came while nobody looked is not scrolled past. */
  let stopSeq: number | undefined;
  /** Places were noted for a change that is about to come. */
  let isChanging = false;
  /** Of the list when places were noted last: another one says that a size has changed which is not settled yet. */
  let height = 0;

  const seqOf = (element: HTMLElement | undefined) => Number(element?.dataset["seq"] ?? 0);
  const edgeOf = (index: number): Edge => messages[index]?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
  const view = (): Edge => scroller.getBoundingClientRect();

  function find(seq: number): HTMLElement | undefined {
    const index = seq - seqOf(messages[0]);
    const element = messages[index];
    return seqOf(element) === seq ? element : [...messages].find((each) => seqOf(each) === seq);
  }

  function correct(): void {
    const correction = findCorrection(held, offsetOf) ?? 0;
    if (Math.abs(correction) >= 0.5) scroller.scrollTop += correction;
    height = scroller.scrollHeight;
  }

  function hold(): void {
    height = scroller.scrollHeight;
    const { top, bottom } = view();
    held = findHolders(messages.length, edgeOf, { top, bottom }).flatMap((index) => {
      const message = messages[index];
      const key = message?.dataset["key"];
      return key === undefined ? [] : [{ key, seq: seqOf(message), offset: edgeOf(index).top - top }];
    });
  }

  function toEnd(): void {
    const most = scroller.scrollHeight - scroller.clientHeight;
    const stop = stopSeq === undefined ? undefined : find(stopSeq);
    const stopAt = stop
      ? scroller.scrollTop + stop.getBoundingClientRect().top - view().top - unreadOffset
      : most;
    const wanted = Math.min(most, stopAt);
    if (Math.abs(scroller.scrollTop - wanted) >= 1) scroller.scrollTop = wanted;
  }

  function offsetOf(key: string): number | undefined {
    const element = scroller.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    return element ? element.getBoundingClientRect().top - view().top : undefined;
  }

  function offsetFor(target: Exclude<Target, { kind: "end" }>, height: number): number {
    if (target.kind === "place") return target.offset;
    return target.kind === "unread"
      ? unreadOffset
      : Math.max(topOffset, (scroller.clientHeight - height) / 2);
  }

  return {
    isAtEnd: () => isAtEnd,
    /** Right before the document changes. */
    capture(): void {
      if (!isAtEnd && !isChanging && scroller.scrollHeight === height) hold();
    },
    /**
     * What has been noted last counts until the next settling: of a change that is made while effects run, a part may be in the
     * document before the effects that run ahead of changes.
     */
    expectChange(): void {
      isChanging = true;
    },
    /** Before one message changes its height at the reader's wish: its top stays, also at the end or where it is out of view. */
    keep(key: string): void {
      const offset = offsetOf(key);
      if (offset === undefined) return;
      held = [{ key, seq: 0, offset }];
      isAtEnd = false;
      isChanging = true;
    },
    /** After the document or a size in it has changed. */
    settle(): void {
      isChanging = false;
      if (isAtEnd) return toEnd();
      correct();
    },
    /** The reader has scrolled, or we have for them. Answers with what they see; undefined while there is nothing. */
    scrolled(): Range | undefined {
      // A list that becomes shorter is scrolled by the browser before anybody hears of its size.
      if (!isAtEnd && scroller.scrollHeight !== height) correct();
      isAtEnd = hasEnd() && scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop <= endReach;
      hold();
      const { top, bottom } = view();
      if (messages.length === 0) return undefined;
      const first = Math.min(findFirstBelow(messages.length, edgeOf, top), messages.length - 1);
      const last = Math.min(findFirstBelow(messages.length, edgeOf, bottom), messages.length - 1);
      return { first: seqOf(messages[first]), last: seqOf(messages[last]) };
    },
    /** False when the target is not in the document. */
    go(target: Target): boolean {
      stopSeq = undefined;
      isAtEnd = target.kind === "end";
      if (target.kind === "end") {
        toEnd();
        return hasEnd();
      }
      const element = find(target.seq);
      if (!element) return false;
      const box = element.getBoundingClientRect();
      scroller.scrollTop += box.top - view().top - offsetFor(target, box.height);
      height = scroller.scrollHeight;
      return true;
    },
    /** From its top to its end. */
    isSeen(seq: number): boolean {
      const box = find(seq)?.getBoundingClientRect();
      const { top, bottom } = view();
      return box !== undefined && box.top >= top && box.bottom <= bottom;
    },
    stopAt(seq: number | undefined): void {
      stopSeq = seq;
    },
    /** Undefined at the end. As it was noted last: who asks as the list goes finds nothing of it in the document. */
    place(): KeptPlace | undefined {
      const [first] = held;
      return isAtEnd || !first ? undefined : { seq: first.seq, offset: first.offset };
    },
    find,
  };
}

export type ScrollKeeper = ReturnType<typeof createScrollKeeper>;
