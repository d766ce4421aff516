// Counters and histograms whose use costs some 20 ns: plain numbers, handed to prom-client when somebody asks.
import type { Metric, Registry } from "prom-client";

export interface Counter {
  add(amount?: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

interface Description {
  /** As Prometheus shows it: `windi_sends_total`, `windi_batch_size`. */
  name: string;
  help: string;
}

interface Labelled extends Description {
  labels: readonly string[];
  /** The labels' values that are there from the start, at zero, so that the first event is seen as a change. */
  known?: readonly (readonly string[])[];
}

export interface Instruments {
  counter(description: Description): Counter;
  /** A counter for each combination of the labels' values. The values come from closed sets: never an id. */
  counters(description: Labelled): (...values: string[]) => Counter;
  histogram(description: Description & { bounds: readonly number[] }): Histogram;
  histograms(description: Labelled & { bounds: readonly number[] }): (...values: string[]) => Histogram;
  /** A value that is read when somebody asks; `undefined` where there is none. */
  gauge(description: Description & { fixed?: Sample["labels"] }, read: () => number | undefined): void;
  /** As `gauge`, of what only grows. */
  total(description: Description, read: () => number | undefined): void;
}

interface Sample {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
}

export function createInstruments(registry: Registry): Instruments {
  function register(type: string, { name, help }: Description, read: () => Sample[]): void {
    const metric = {
      name,
      help,
      aggregator: "sum",
      get: () => Promise.resolve({ name, help, type, aggregator: "sum", values: read() }),
    };
    // A registry needs no more of a metric than these.
    registry.registerMetric(metric as unknown as Metric);
  }

  function counters(description: Labelled): (...values: string[]) => Counter {
    const of = createFamily(description, createCount);
    register("counter", description, () =>
      of.all().map(([labels, { total }]) => ({ labels, value: total() })),
    );
    return of.child;
  }

  function histograms(
    description: Labelled & { bounds: readonly number[] },
  ): (...values: string[]) => Histogram {
    const of = createFamily(description, () => createBuckets(description.bounds));
    register("histogram", description, () =>
      of.all().flatMap(([labels, buckets]) => buckets.samples(description.name, labels)),
    );
    return of.child;
  }

  const read = (value: number | undefined, labels: Sample["labels"] = {}): Sample[] =>
    value === undefined ? [] : [{ labels, value }];

  return {
    counters,
    histograms,
    counter: (description) => counters({ ...description, labels: [] })(),
    histogram: (description) => histograms({ ...description, labels: [] })(),
    gauge: (description, value) => register("gauge", description, () => read(value(), description.fixed)),
    total: (description, value) => register("counter", description, () => read(value())),
  };
}

function createCount() {
  let total = 0;
  return { add: (amount = 1) => void (total += amount), total: () => total };
}

function createBuckets(bounds: readonly number[]) {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    observe(value: number) {
      let place = 0;
      while (place < bounds.length && value > (bounds[place] as number)) place++;
      counts[place] = (counts[place] as number) + 1;
      sum += value;
    },
    samples(name: string, labels: Sample["labels"]): Sample[] {
      let count = 0;
      const buckets = [...bounds, "+Inf"].map((le, place) => {
        count += counts[place] as number;
        return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    },
  };
}

interface Family<Child> {
  child(...values: string[]): Child;
  all(): [labels: Record<string, string>, child: Child][];
}

/** Children by the values of their labels, each made when it is first asked for. */
function createFamily<Child>({ labels, known = [] }: Labelled, create: () => Child): Family<Child> {
  const children = new Map<string, Child>();
  function child(...values: string[]): Child {
    const key = values.length === 1 ? (values[0] as string) : values.join("\n");
    const known = children.get(key);
    if (known) return known;
    const made = create();
    children.set(key, made);
    return made;
  }
  for (const values of known) child(...values);
  return {
    child,
    all: () =>
      [...children].map(([key, made]) => {
        const values = key.split("\n");
        return [Object.fromEntries(labels.map((label, place) => [label, values[place] ?? ""])), made];
      }),
  };
}
