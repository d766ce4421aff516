// Tells which messages of the document are in view, as far as that counts for reading.
import { isHalfVisible, type Seen } from "./seen.ts";

export interface SeenWatcher extends Disposable {
  /** Answers with what ends it. */
  watch(element: HTMLElement, seq: number): () => void;
}

export function createSeenWatcher(seen: Seen): SeenWatcher {
  const seqs = new Map<Element, number>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, intersectionRect, boundingClientRect, rootBounds } of entries) {
        const seq = seqs.get(target);
        const viewHeight = rootBounds?.height ?? 0;
        if (seq === undefined) continue;
        seen.show(seq, isHalfVisible(intersectionRect.height, boundingClientRect.height, viewHeight));
      }
    },
    // Of a message that is longer than the screen, half of the screen may be a small part.
    { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1] },
  );
  return {
    watch(element, seq) {
      seqs.set(element, seq);
      observer.observe(element);
      return () => {
        observer.unobserve(element);
        seqs.delete(element);
        seen.show(seq, false);
      };
    },
    [Symbol.dispose]: () => observer.disconnect(),
  };
}
