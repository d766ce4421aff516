// Which rows of a long list are in the document: those in sight and some around them. All rows have one height.

export interface RowRange {
  /** The first row in the document. */
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

interface Sight {
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly count: number;
}

/** Rows beyond the edges, so that a quick turn of the wheel meets no gap. */
const around = 6;
/** The window moves by so many rows at once: fewer changes of the document while one scrolls. */
const step = 4;

export function rowsInSight({ scrollTop, height, rowHeight, count }: Sight): RowRange {
  const top = Math.max(0, Math.min(scrollTop, count * rowHeight - height));
  const first = Math.floor((top / rowHeight - around) / step) * step;
  const end = Math.ceil(((top + height) / rowHeight + around) / step) * step;
  return { first: Math.min(count, Math.max(0, first)), end: Math.max(0, Math.min(count, end)) };
}

/** The rows of a range and, wherever it is, the one that has the focus: what leaves the document loses it. */
export function rowsToShow({ first, end }: RowRange, focused: number): number[] {
  const rows = Array.from({ length: end - first }, (_, i) => first + i);
  if (focused < 0 || (focused >= first && focused < end)) return rows;
  return focused < first ? [focused, ...rows] : [...rows, focused];
}

/** Where to scroll to so that the whole row is in sight; where one is if it is already. */
export function scrollToRow(row: number, { scrollTop, height, rowHeight }: Omit<Sight, "count">): number {
  return Math.max((row + 1) * rowHeight - height, Math.min(scrollTop, row * rowHeight));
}
