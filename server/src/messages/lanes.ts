// Lanes: what this node writes to one chat's log is committed and told of one after the other.

/** Runs `work` when everything that came into this lane before it is done. */
export type Lane = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface Lanes {
  /** Makes something for every lane; the answer finds what was made for the lane of a chat. */
  each<Made>(make: (lane: Lane) => Made): (chatId: string) => Made;
}

/** @param count how much may be under way at the same time; a chat keeps to one lane */
export function createLanes(count: number): Lanes {
  const all = Array.from({ length: count }, createLane);
  return {
    each(make) {
      const made = all.map(make);
      // The last hexadecimal digits of an id are random in every version that people use.
      return (chatId) => made[Number.parseInt(chatId.slice(-6), 16) % count] as (typeof made)[number];
    },
  };
}

function createLane(): Lane {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}
