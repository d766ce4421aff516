// What /metrics says, as a test reads it.

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface MetricsPage {
  samples: Sample[];
  /** The sum of all samples of this name with these labels; undefined if there is none. */
  sum(name: string, labels?: Record<string, string>): number | undefined;
}

export function parseMetrics(text: string): MetricsPage {
  const samples = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line): Sample => {
      const [, name = "", labels = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
      return {
        name,
        labels: Object.fromEntries(pairs.map(([, label = "", content = ""]) => [label, content])),
        value: Number(value),
      };
    });
  return {
    samples,
    sum(name, labels = {}) {
      const found = samples.filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, content]) => sample.labels[label] === content),
      );
      return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
    },
  };
}

/** @throws when the answer is not a page of metrics */
export async function readMetrics(url: string, token?: string): Promise<MetricsPage> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/metrics`, { headers });
  if (response.status !== 200) throw new Error(`/metrics answers ${response.status}`);
  return parseMetrics(await response.text());
}
