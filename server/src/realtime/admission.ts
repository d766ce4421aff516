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
/** Over how long those who were refused are spread at most. */
const maxSpreadSeconds = 5;

export function createAdmission({ perSecond, isLagging, now, random }: AdmissionNeeds): Admission {
  const limit = {
    count: Math.max(1, perSecond * burstSeconds),
    seconds: Math.max(1 / perSecond, burstSeconds),
  };
  let underWay = 0;
  let fullAt = 0;
  /** Those who were told to come again, less those for whom there has been room since. */
  let turnedAway = 0;
  let turnedAwayAt = 0;

  function hasRoom(): boolean {
    if (underWay >= maxUnderWay || isLagging()) return false;
    const taken = takeFrom(limit, fullAt, now(), 1);
    fullAt = taken.fullAt;
    return taken.isAllowed;
  }

  /** All who are refused would otherwise come again in the same second; a few may. A busy process can take half as many. */
  function retryAfterSeconds(): number {
    const at = now();
    const ratePerSecond = isLagging() ? perSecond / 2 : perSecond;
    turnedAway = Math.max(0, turnedAway - ((at - turnedAwayAt) / 1000) * ratePerSecond) + 1;
    turnedAwayAt = at;
    return 1 + Math.floor(random() * Math.min(maxSpreadSeconds, Math.ceil(turnedAway / ratePerSecond)));
  }

  return {
    async admit(open) {
      if (perSecond > 0 && !hasRoom())
        throw new Failure("overloaded", { retryAfterSeconds: retryAfterSeconds() });
      underWay++;
      try {
        return await open();
      } finally {
        underWay--;
      }
    },
  };
}
