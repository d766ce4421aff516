// Figures of a page: what its main thread did, and how evenly it draws.

/** Processor milliseconds of a page's main thread, all of them and what they were spent on. */
export interface Work {
  all: number;
  script: number;
  style: number;
  layout: number;
}

/** What the browser has counted since the page was loaded, at a moment that is told apart by `loadedAt`. */
export interface WorkCount extends Work {
  loadedAt: number;
}

/** A page that was loaded between the two counts from its own beginning. */
export function workSince(before: WorkCount, after: WorkCount): Work {
  const from = before.loadedAt === after.loadedAt ? before : nothing;
  return {
    all: after.all - from.all,
    script: after.script - from.script,
    style: after.style - from.style,
    layout: after.layout - from.layout,
  };
}

const nothing: Work = { all: 0, script: 0, style: 0, layout: 0 };

export const sumWork = (works: readonly Work[]): Work =>
  works.reduce(
    (sum, work) => ({
      all: sum.all + work.all,
      script: sum.script + work.script,
      style: sum.style + work.style,
      layout: sum.layout + work.layout,
    }),
    nothing,
  );

export interface Evenness {
  perSecond: number;
  /** Of the times between two frames. */
  p95Ms: number;
}

/** @param moments of the frames, in milliseconds, rising */
export function describeFrames(moments: readonly number[]): Evenness {
  const [first = 0, last = 0] = [moments[0], moments.at(-1)];
  const gaps = moments.slice(1).map((moment, at) => moment - (moments[at] ?? 0));
  if (last <= first) return { perSecond: 0, p95Ms: Number.POSITIVE_INFINITY };
  const ranked = gaps.toSorted((one, other) => one - other);
  return {
    perSecond: (gaps.length * 1000) / (last - first),
    p95Ms: ranked[Math.min(ranked.length - 1, Math.floor(ranked.length * 0.95))] ?? 0,
  };
}
