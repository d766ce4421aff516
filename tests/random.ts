// Choices that a seed determines, so that a test that fails can be run again as it was.

export interface Random {
  /** A whole number from 0 up to but without `limit`. */
  below(limit: number): number;
  /** One of them; undefined of none. */
  one<T>(list: readonly T[]): T | undefined;
  /** One of the names, as often as its weight says. */
  weighted<Name extends string>(weights: Record<Name, number>): Name;
}

/** A linear congruential generator with the constants of Numerical Recipes; its upper bits are good enough here. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return {
    below,
    one: (list) => list[below(list.length)],
    weighted<Name extends string>(weights: Record<Name, number>) {
      const entries = Object.entries(weights) as [Name, number][];
      let left = below(entries.reduce((sum, [, weight]) => sum + weight, 0));
      const found = entries.find(([, weight]) => (left -= weight) < 0);
      if (!found) throw new RangeError("Nothing has a weight");
      return found[0];
    },
  };
}
