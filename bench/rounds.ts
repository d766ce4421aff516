// Rounds: every variant once per round, in rotating order, so that what the machine does meanwhile meets all alike.
import { untilQuiet } from "./cpu.ts";

export interface Sample {
  metrics: Record<string, number>;
  /** What was wrong with the answers: lost, doubled, out of order. A fast run with a fault is a failure. */
  faults: readonly string[];
  /** Why the figures are not to be trusted. */
  marks: readonly string[];
}

export interface Variant {
  name: string;
  run(): Promise<Sample>;
}

/** One round's samples by the variant's name. */
export type Round = ReadonlyMap<string, Sample>;

interface RoundsOptions {
  rounds: number;
  /** How long to wait for a quiet machine before each measurement; a disturbed one is then repeated, twice at most. */
  patienceMs: number;
  onSample(round: number, name: string, sample: Sample): void;
}

const attempts = 3;

export async function runRounds(variants: readonly Variant[], options: RoundsOptions): Promise<Round[]> {
  const { patienceMs, onSample } = options;

  async function measure(variant: Variant): Promise<Sample> {
    for (let attempt = 1; ; attempt++) {
      await untilQuiet(patienceMs);
      const sample = await variant.run();
      const isGood = sample.marks.length === 0;
      if (isGood || patienceMs === 0 || attempt === attempts || sample.faults.length > 0) return sample;
    }
  }

  const rounds: Round[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const samples = new Map<string, Sample>();
    for (let place = 0; place < variants.length; place++) {
      const variant = variants[(place + round) % variants.length] as Variant;
      const sample = await measure(variant);
      samples.set(variant.name, sample);
      onSample(round + 1, variant.name, sample);
    }
    rounds.push(samples);
  }
  return rounds;
}

export function metric(round: Round, variant: string, name: string): number {
  return round.get(variant)?.metrics[name] ?? Number.NaN;
}

export const sorted = (values: readonly number[]) => values.toSorted((one, other) => one - other);

/** @param share 0.5 for the median */
export function quantile(values: readonly number[], share: number): number {
  const ranked = sorted(values);
  return ranked[Math.min(ranked.length - 1, Math.floor(ranked.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => {
  const ranked = sorted(values);
  const middle = Math.floor(ranked.length / 2);
  const upper = ranked[middle] ?? Number.NaN;
  return ranked.length % 2 === 1 ? upper : (upper + (ranked[middle - 1] ?? Number.NaN)) / 2;
};
