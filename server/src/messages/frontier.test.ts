import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { advance, type Frontier, type RankedMark } from "./frontier.ts";

interface Move {
  userId: string;
  seq: number;
}

const people = ["a", "b", "c", "d", "e"];
const length = 12;
const move = fc.record({ userId: fc.constantFrom(...people), seq: fc.integer({ min: 1, max: length }) });

/** Keeps the moves that go forward, as the pointers in the table do; the n-th one happens at n. */
function forward(moves: readonly Move[]) {
  const pointers = new Map<string, number>();
  return moves
    .filter(({ userId, seq }) => seq > (pointers.get(userId) ?? 0) && pointers.set(userId, seq))
    .map((one, n) => ({ ...one, readAtMs: n + 1 }));
}

function markAll(moves: ReturnType<typeof forward>): RankedMark[] {
  let frontier: Frontier = {};
  return moves.flatMap((one) => {
    const next = advance(frontier, one);
    frontier = next.frontier;
    return next.marks;
  });
}

/** What the history asks of the marks: when somebody but the sender first had read the message at `seq`. */
function readAtByMarks(marks: readonly RankedMark[], seq: number, senderId: string): number | undefined {
  const ofRank = (rank: number) =>
    marks.filter((mark) => mark.rank === rank && mark.seq >= seq).toSorted((a, b) => a.seq - b.seq)[0];
  const first = ofRank(1);
  return first?.userId === senderId ? ofRank(2)?.readAtMs : first?.readAtMs;
}

const readAtByPointers = (moves: ReturnType<typeof forward>, seq: number, senderId: string) =>
  moves.find((one) => one.userId !== senderId && one.seq >= seq)?.readAtMs;

describe("the marks of a chat", () => {
  test("tell of each message when its first reader but the sender came, as everybody's pointers do", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const steps = forward(moves);
        const marks = markAll(steps);
        for (const senderId of people) {
          for (let seq = 1; seq <= length; seq++) {
            expect(readAtByMarks(marks, seq, senderId)).toBe(readAtByPointers(steps, seq, senderId));
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("are at most two at a message, and grow with time", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const marks = markAll(forward(moves));
        expect(new Set(marks.map((mark) => `${mark.rank} ${mark.seq}`)).size).toBe(marks.length);
        for (const rank of [1, 2]) {
          const seqs = marks.filter((mark) => mark.rank === rank).map((mark) => mark.seq);
          expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("know the frontier: what is kept in memory is what the newest mark of each rank says", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const marks: RankedMark[] = [];
        let kept: Frontier = {};
        for (const step of forward(moves)) {
          const next = advance(kept, step);
          kept = next.frontier;
          marks.push(...next.marks);
          const newest = (rank: number) => marks.findLast((mark) => mark.rank === rank);
          expect(kept.first?.seq).toBe(newest(1)?.seq);
          expect(kept.first?.userId).toBe(newest(1)?.userId);
          expect(kept.second).toBe(newest(2)?.seq);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("are left alone by the third and every later reader", () => {
    const [first, second, third] = people as [string, string, string];
    let frontier: Frontier = {};
    for (const userId of [first, second]) {
      frontier = advance(frontier, { userId, seq: 9, readAtMs: 1 }).frontier;
    }
    expect(advance(frontier, { userId: third, seq: 9, readAtMs: 2 })).toEqual({ frontier, marks: [] });
  });
});
