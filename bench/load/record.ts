// The record of a run: what was sent, who heard it when, and what was lost, doubled or out of order.
import { quantile } from "../rounds.ts";

export interface Record {
  /** A message is about to be sent; what it is due at counts as its beginning. The number travels with it. */
  sent(dueAt: number): number;
  acknowledged(number: number): void;
  /** Somebody heard the message for the first time. */
  heard(number: number): void;
  /** Something is wrong with what was heard. */
  fault(text: string): void;
  /** Figures count messages sent from now on. */
  start(): void;
  /** Figures count what is sent until now, and what is heard of it whenever. */
  stop(): void;
  readonly deliveries: number;
  readonly messages: number;
  readonly unanswered: number;
  readonly faults: readonly string[];
  /** Milliseconds from when a message was due: to its answer, to each who heard it, to the last who did. */
  latency(kind: "answer" | "delivery" | "last delivery", share: number): number;
}

const maxFaults = 5;

export function createRecord(): Record {
  const dueAt: number[] = [];
  const answers = new Map<number, number>();
  const faults: string[] = [];
  let deliveries: number[] = [];
  let lastDeliveries = new Map<number, number>();
  let faultCount = 0;
  let first = 0;
  let end = Infinity;
  const isMeasured = (number: number) => number >= first && number < end;

  return {
    sent: (at) => dueAt.push(at) - 1,
    acknowledged: (number) => void answers.set(number, performance.now() - (dueAt[number] ?? 0)),
    heard(number) {
      if (!isMeasured(number)) return;
      const ms = performance.now() - (dueAt[number] ?? 0);
      deliveries.push(ms);
      // Each is later than those before it.
      lastDeliveries.set(number, ms);
    },
    fault(text) {
      faultCount++;
      if (faults.length < maxFaults) faults.push(text);
    },
    start() {
      first = dueAt.length;
      end = Infinity;
      deliveries = [];
      lastDeliveries = new Map();
    },
    stop() {
      end = dueAt.length;
    },
    get deliveries() {
      return deliveries.length;
    },
    get messages() {
      return Math.min(end, dueAt.length) - first;
    },
    get unanswered() {
      return dueAt.length - answers.size;
    },
    get faults() {
      const more = faultCount - faults.length;
      return more > 0 ? [...faults, `${more} more`] : faults;
    },
    latency(kind, share) {
      if (kind === "delivery") return quantile(deliveries, share);
      if (kind === "last delivery") return quantile([...lastDeliveries.values()], share);
      return quantile(
        [...answers].filter(([number]) => isMeasured(number)).map(([, ms]) => ms),
        share,
      );
    },
  };
}
