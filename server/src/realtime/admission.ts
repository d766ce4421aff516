// How many WebSockets may be opened at once on this process; whoever is too many is told when to come again.
import { Failure } from "../failure.ts";
import { takeFrom } from "../http/rate-limit.ts";

export interface Admission {
  /**
   * Does what opening one WebSocket takes.
   * @throws Failure `overloaded`, before anything is done, if there is no room for it
   */
  admit<T>(open: () => Promise<T>): Promise<T>;
}

interface AdmissionNeeds {
  /** 0: as many as come. */
  perSecond: number;
  /** Whether the process is too busy to take anybody on. */
  isLagging(): boolean;
  /** Milliseconds since any moment. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
}

/** Handshakes of which the token is being checked; more would only wait for the database. */
const maxUnderWay = 256;
/** What may come at once: so many seconds' worth. */
const burstSeconds = 0.5;
const maxRetryAfterSeconds = 5;

export function createAdmission({ perSecond, isLagging, now, random }: AdmissionNeeds): Admission {
  const limit = {
    count: Math.max(1, perSecond * burstSeconds),
    seconds: Math.max(1 / perSecond, burstSeconds),
  };
  let underWay = 0;
  let fullAt = 0;

  function hasRoom(): boolean {
    if (underWay >= maxUnderWay || isLagging()) return false;
    const taken = takeFrom(limit, fullAt, now(), 1);
    fullAt = taken.fullAt;
    return taken.isAllowed;
  }

  return {
    async admit(open) {
      if (perSecond > 0 && !hasRoom()) {
        // All who are refused now would otherwise come again in the same second.
        const retryAfterSeconds = 1 + Math.floor(random() * maxRetryAfterSeconds);
        throw new Failure("overloaded", { retryAfterSeconds });
      }
      underWay++;
      try {
        return await open();
      } finally {
        underWay--;
      }
    },
  };
}
