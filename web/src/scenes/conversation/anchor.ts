// What keeps its place on the screen while messages come, go and change around it.

/** A message, and where its top is below the top of what is seen of the list. */
export interface Held {
  readonly key: string;
  readonly offset: number;
}

export interface Edge {
  readonly top: number;
  readonly bottom: number;
}

/** As near to the end, in pixels, the reader is at the end. */
export const endReach = 50;

/** Index of the first box that reaches below a line; the boxes are in their order. */
export function findFirstBelow(count: number, edgeOf: (index: number) => Edge, line: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edgeOf(middle).bottom > line) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Indexes of what may hold the place, the best first: what begins within the view, as a change of its height moves nothing
 * above it; then what began before.
 */
export function findHolders(count: number, edgeOf: (index: number) => Edge, view: Edge): number[] {
  const visible: number[] = [];
  for (let index = findFirstBelow(count, edgeOf, view.top); index < count; index++) {
    if (edgeOf(index).top >= view.bottom) break;
    visible.push(index);
  }
  const cut = visible.filter((index) => edgeOf(index).top < view.top);
  return [...visible.filter((index) => edgeOf(index).top >= view.top), ...cut];
}

/** By how much to scroll so that the first of them that is still there is where it was. */
export function findCorrection(
  held: readonly Held[],
  offsetOf: (key: string) => number | undefined,
): number | undefined {
  for (const { key, offset } of held) {
    const now = offsetOf(key);
    if (now !== undefined) return now - offset;
  }
  return undefined;
}
