// Processor time from /proc: of our own processes, of the machine, and of whatever else ran meanwhile.
import { readFileSync, readdirSync } from "node:fs";

const ticksPerSecond = 100;

/** The fields of a stat file from the state on; the name before them may hold anything. */
function statOf(pid: number): number[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
  } catch {
    return [];
  }
}

const at = (fields: readonly number[], place: number) => fields[place] ?? 0;

/** Seconds that the process, its threads, its living descendants and the children that it waited for have used. */
export function treeSeconds(root: number): number {
  const stats = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), statOf(Number(name))]),
  );
  const children = Map.groupBy(stats.keys(), (pid) => at(stats.get(pid) ?? [], 1));
  const own = (pid: number): number => {
    const fields = stats.get(pid) ?? [];
    const below = (children.get(pid) ?? []).reduce((sum, child) => sum + own(child), 0);
    return at(fields, 11) + at(fields, 12) + at(fields, 13) + at(fields, 14) + below;
  };
  return own(root) / ticksPerSecond;
}

interface Machine {
  busySeconds: number;
  stolenSeconds: number;
  cores: number;
}

function machine(): Machine {
  const lines = readFileSync("/proc/stat", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("cpu"));
  const [user, nice, system, , , irq, softirq, steal] = (lines[0] ?? "").split(/\s+/).slice(1).map(Number);
  const busy = [user, nice, system, irq, softirq].reduce((sum: number, value) => sum + (value ?? 0), 0);
  return {
    busySeconds: busy / ticksPerSecond,
    stolenSeconds: (steal ?? 0) / ticksPerSecond,
    cores: lines.length - 1,
  };
}

export interface Usage<Part extends string> {
  seconds: number;
  /** Processor seconds per part; `generator` is this process. */
  cpu: Record<Part | "generator", number>;
  /** Why these figures are not to be trusted; empty if they are. */
  marks: string[];
}

/** Begins the mark of a measurement in which the generator was the limit. */
export const generatorMark = "the generator's core";

interface MeterOptions {
  /** From this share of its core on, the generator is what limits the rate. */
  maxGeneratorShare?: number;
}

/** Measures from now until the answer is called. The parts are named by the roots of their process trees. */
export function startMeter<Part extends string>(
  parts: Record<Part, number>,
  { maxGeneratorShare = 0.85 }: MeterOptions = {},
): () => Usage<Part> {
  const names = Object.keys(parts) as Part[];
  const own = () => at(statOf(process.pid), 11) + at(statOf(process.pid), 12);
  const read = () => ({
    machine: machine(),
    trees: names.map((name) => treeSeconds(parts[name])),
    generator: own() / ticksPerSecond,
    wall: performance.now() / 1000,
  });
  const before = read();
  return () => {
    const after = read();
    const seconds = after.wall - before.wall;
    const cpu = Object.fromEntries(
      names.map((name, place) => [name, (after.trees[place] ?? 0) - (before.trees[place] ?? 0)]),
    ) as Record<Part | "generator", number>;
    cpu.generator = after.generator - before.generator;
    const known = Object.values<number>(cpu).reduce((sum, value) => sum + value, 0);
    const capacity = seconds * after.machine.cores;
    const others = (after.machine.busySeconds - before.machine.busySeconds - known) / capacity;
    const stolen = (after.machine.stolenSeconds - before.machine.stolenSeconds) / capacity;
    const generator = cpu.generator / seconds;
    const marks: string[] = [];
    const percent = (share: number) => `${Math.round(share * 100)} %`;
    if (others > 0.05) marks.push(`other programs used ${percent(others)} of the machine`);
    if (stolen > 0.02) marks.push(`${percent(stolen)} of the time was stolen`);
    if (generator > maxGeneratorShare) marks.push(`${generatorMark} was ${percent(generator)} busy`);
    return { seconds, cpu, marks };
  };
}

/** Resolves when the machine has been idle for a second, or after `patienceMs`. */
export async function untilQuiet(patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const before = machine();
    await Bun.sleep(1000);
    const after = machine();
    if ((after.busySeconds - before.busySeconds) / after.cores < 0.1) return;
  }
}
