// Where the buckets of histograms end.

/** Seconds, from what a single statement takes to what nobody waits for. */
export const secondsBounds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

export const sizeBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500] as const;
