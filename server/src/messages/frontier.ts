// How far a chat has been read by one person and by two: enough to tell of any message who, but its sender, read it first.

export interface Mark {
  userId: string;
  seq: number;
  /** Milliseconds since 1970. */
  readAtMs: number;
}

export interface RankedMark extends Mark {
  rank: 1 | 2;
}

interface Edge {
  seq: number;
  userId: string;
}

/** `first`: the furthest pointer and whose it is. `second`: how far the furthest of all others is. */
export interface Frontier {
  first?: Edge;
  second?: number;
}

/**
 * What a reader's move to `seq` adds. Up to `first.seq` at least one person has read, up to `second.seq` at least
 * two; so of a message at s, the first mark of rank 1 at or beyond s is its first reader, and the first mark of
 * rank 2 the first reader who is not that one. Other moves are not worth a row.
 */
export function advance(frontier: Frontier, move: Mark): { frontier: Frontier; marks: RankedMark[] } {
  const { first, second = 0 } = frontier;
  const { userId, seq } = move;
  if (!first || seq > first.seq) {
    const lead: RankedMark = { ...move, rank: 1 };
    if (!first || first.userId === userId) {
      return { frontier: { ...frontier, first: { seq, userId } }, marks: [lead] };
    }
    // Overtaken: up to where the other was, there are two readers now.
    const follow: RankedMark = { ...move, seq: first.seq, rank: 2 };
    const isStep = first.seq > second;
    return {
      frontier: { first: { seq, userId }, second: first.seq },
      marks: isStep ? [lead, follow] : [lead],
    };
  }
  if (first.userId !== userId && seq > second) {
    return { frontier: { first, second: seq }, marks: [{ ...move, rank: 2 }] };
  }
  return { frontier, marks: [] };
}
