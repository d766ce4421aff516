// Which piece of a chat is in the document: at most 150 messages, moved as the reader comes near its edge.

/** From and to which seq, both included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Messages in the document. */
export const mostRows = 150;
/** As near to the edge of the slice the reader comes before it moves, and by how much it moves. */
const near = 40;
const step = 25;
/** Messages that are here beyond the slice before more are asked for, and before they are dropped. */
const ahead = 150;
const mostBeyond = 400;

export const isWithin = (seq: number, { first, last }: Range): boolean => seq >= first && seq <= last;

/** Of most messages; a line or two, and what is around them. */
const usualHeight = 40;

/** As many messages as fill a view of so many pixels, most times: a chat opens with these, and the others follow. */
export const countFirst = (height: number): number => Math.min(mostRows, Math.ceil(height / usualHeight));

const cut = (first: number, all: Range, size: number): Range => ({
  first,
  last: Math.min(all.last, first + size - 1),
});

export const sliceAtEnd = (all: Range, size = mostRows): Range =>
  cut(Math.max(all.first, all.last - size + 1), all, size);

export function sliceAround(seq: number, all: Range, size = mostRows): Range {
  const first = Math.min(seq - Math.floor(size / 2), all.last - size + 1);
  return cut(Math.max(all.first, first), all, size);
}

/** The next size of a slice that is not full yet. */
export const grow = (size: number): number => Math.min(mostRows, size + step);

/** The slice within what there is now; where nothing of it is left, what is nearest to it. */
export function fitSlice(slice: Range, all: Range): Range {
  if (slice.last < all.first || slice.first > all.last) return sliceAround(slice.first, all);
  const first = Math.max(slice.first, all.first);
  const last = Math.min(slice.last, all.last);
  return first === slice.first && last === slice.last ? slice : { first, last };
}

/** The slice moved so that the reader, who sees `visible`, does not come to its edge while there is more. */
export function moveSlice(slice: Range, visible: Range, all: Range): Range {
  if (visible.first - slice.first < near && slice.first > all.first) {
    const first = Math.max(all.first, slice.first - step);
    return { first, last: Math.min(slice.last, first + mostRows - 1) };
  }
  if (slice.last - visible.last < near && slice.last < all.last) {
    const last = Math.min(all.last, slice.last + step);
    return { first: Math.max(slice.first, last - mostRows + 1), last };
  }
  return slice;
}

/** On which sides of the slice more should be loaded. */
export function findNeeds(
  slice: Range,
  loaded: Range,
  { isAtStart, isAtEnd }: { isAtStart: boolean; isAtEnd: boolean },
): { older: boolean; newer: boolean } {
  return {
    older: !isAtStart && slice.first - loaded.first < ahead,
    newer: !isAtEnd && loaded.last - slice.last < ahead,
  };
}

/** What to keep of a long way through a chat; undefined while it is not long. */
export function findKept(slice: Range, loaded: Range): Range | undefined {
  const isLong = slice.first - loaded.first > mostBeyond || loaded.last - slice.last > mostBeyond;
  return isLong ? { first: slice.first - ahead * 2, last: slice.last + ahead * 2 } : undefined;
}
