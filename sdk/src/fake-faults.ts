// What goes wrong between a client under test and its server, as chance has it.
import type { Clock } from "./clock.ts";

export interface Faults {
  /** How likely an event is lost, or told twice. */
  drop: number;
  duplicate: number;
  /** An event takes up to this long, and overtakes others. */
  jitterMs: number;
  /** How likely a call, or its answer, is lost; and how long each may take. */
  lostCall: number;
  callMs: number;
  /** How long what is sent on a socket takes, in its order. */
  socketMs: number;
}

export const noFaults: Faults = { drop: 0, duplicate: 0, jitterMs: 0, lostCall: 0, callMs: 0, socketMs: 0 };

interface RoadNeeds {
  clock: Clock;
  random: () => number;
  faults: Faults;
}

/** How events and calls travel. Everything takes a millisecond at least. */
export function createRoad({ clock, random, faults }: RoadNeeds) {
  const pass = () => new Promise<void>((resolve) => void clock.later(1 + random() * faults.callMs, resolve));
  const chance = (probability: number) => random() < probability;

  return {
    faults,
    /** On one connection in its order, as answers are. */
    inOrder: (arrive: () => void) => void clock.later(1 + faults.socketMs, arrive),
    /** As events between nodes: perhaps not at all, perhaps twice, perhaps late. */
    byBus(arrive: () => void): void {
      if (chance(faults.drop)) return;
      for (let copies = chance(faults.duplicate) ? 2 : 1; copies > 0; copies--)
        clock.later(1 + random() * faults.jitterMs, arrive);
    },
    /** As an event from another node that comes through: perhaps late, and after what happened later. */
    late: (arrive: () => void) => void clock.later(1 + random() * faults.jitterMs, arrive),
    /** As a call: there and back; what is lost on the way back has happened. */
    async call<T>(handle: () => T): Promise<T> {
      await pass();
      if (chance(faults.lostCall)) throw new TypeError("Lost on the way there");
      const answer = handle();
      await pass();
      if (chance(faults.lostCall)) throw new TypeError("Lost on the way back");
      return answer;
    },
  };
}

export type Road = ReturnType<typeof createRoad>;
