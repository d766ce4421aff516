// Which messages were really seen: at least half of them, for 300 ms, by somebody who looks at the page.

const seenMs = 300;

interface SeenNeeds {
  /** Answers with what cancels it. */
  later: (delayMs: number, call: () => void) => () => void;
  /** With the furthest seq that was seen; rises. */
  onSeen: (seq: number) => void;
}

export interface Seen {
  /** Half of a message is visible, or not any more. */
  show(seq: number, isVisible: boolean): void;
  /** Whether the page is in front and has the focus. */
  attend(isAttentive: boolean): void;
  /** Nothing is seen from now on, as when the person marks something as unread. */
  end(): void;
}

export function createSeen({ later, onSeen }: SeenNeeds): Seen {
  const visible = new Map<number, (() => void) | undefined>();
  let isAttentive = false;
  let isEnded = false;
  let furthest = 0;

  function watch(seq: number): void {
    visible.get(seq)?.();
    const isWatched = isAttentive && !isEnded && seq > furthest;
    visible.set(seq, isWatched ? later(seenMs, () => see(seq)) : undefined);
  }

  function see(seq: number): void {
    visible.set(seq, undefined);
    if (seq <= furthest) return;
    furthest = seq;
    onSeen(seq);
  }

  function watchAll(): void {
    for (const seq of [...visible.keys()]) watch(seq);
  }

  return {
    show(seq, isVisible) {
      if (isVisible) {
        if (!visible.has(seq)) watch(seq);
        return;
      }
      visible.get(seq)?.();
      visible.delete(seq);
    },
    attend(attentive) {
      if (attentive === isAttentive) return;
      isAttentive = attentive;
      watchAll();
    },
    end() {
      isEnded = true;
      watchAll();
    },
  };
}

/** Whether a message counts as visible: half of it, or half of the screen when it is longer than that. */
export const isHalfVisible = (visibleHeight: number, height: number, viewHeight: number): boolean =>
  visibleHeight > 0 && visibleHeight >= Math.min(height, viewHeight) / 2;
