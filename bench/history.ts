// Workload: pages of history. 50 messages at the end, in the middle and around a message, in a short and in a long chat.
import {
  createEmbeddedSource,
  startPostgresSource,
  type DatabaseSource,
  type FreshDatabase,
} from "./databases.ts";
import { startMeter } from "./cpu.ts";
import { createHistory, type History } from "./history-data.ts";
import { everyCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, quantile, runRounds, type Sample, type Variant } from "./rounds.ts";
import { readPage, type Range } from "../server/src/messages/messages.store.ts";
import type { WorkloadOptions } from "./workloads.ts";

const pageSize = 50;
/** Messages of the long chat: on the embedded database as many as its first start fills in half a minute. */
const sizes = { PostgreSQL: [10_000, 1_000_000], embedded: [10_000, 200_000] } as const;

interface Place {
  name: string;
  range(length: number): Range;
  query(length: number): string;
}

const last = 2_147_483_647;
const places: Place[] = [
  {
    name: "newest",
    range: () => ({ kind: "last", seq: last - 1, limit: pageSize }),
    query: () => `before_seq=${last}`,
  },
  {
    name: "at half the depth",
    range: (length) => ({ kind: "first", seq: length / 2 + jitter(length), limit: pageSize }),
    query: (length) => `offset=${length / 2 + jitter(length)}`,
  },
  {
    name: "around a message",
    range: (length) => ({ kind: "around", seq: Math.round(length / 3) + jitter(length), limit: pageSize }),
    query: (length) => `around_seq=${Math.round(length / 3) + jitter(length)}`,
  },
];

/** Pages beside each other would all be in one place of the index. */
const jitter = (length: number) => Math.floor((Math.random() * length) / 4);

const label = (length: number) => length.toLocaleString("en");

export async function* history(options: WorkloadOptions): AsyncGenerator<Result> {
  const { seconds } = options;
  for (const start of [() => startPostgresSource(everyCore), createEmbeddedSource]) {
    await using source = await start();
    await using fresh = await source.create();
    const lengths = sizes[source.kind];
    let data: History;
    {
      await using database = await fresh.open();
      data = await createHistory(database, lengths);
    }
    const count = Math.max(20, seconds * 40);
    const variants = places.map((place): Variant => ({
      name: place.name,
      run: () => measurePages(source, fresh, { data, lengths, place, count }),
    }));
    const [short, long] = lengths;
    yield {
      title: `History, ${source.kind}`,
      conditions: [
        `pages of ${pageSize} at random places, in turn in a chat of ${label(short)} and in one of ${label(long)} messages of 200 bytes, in one table`,
        "statement: from the driver's call to the rows; request: GET /messages/history over HTTP, from another process",
        `${count} pages of each kind per round, after a warm-up`,
      ],
      rounds: await runRounds(variants, options),
      chart: {
        metric: `statement p50 ms, ${label(long)}`,
        title: `${label(long)} messages, statement, p50 ms`,
      },
      goals: places.map((place) => ({
        name: `statement, ${label(long)} against ${label(short)}, ${place.name}`,
        limit: "≤ 1.3",
        value: (round) =>
          metric(round, place.name, `statement p50 ms, ${label(long)}`) /
          metric(round, place.name, `statement p50 ms, ${label(short)}`),
        isMet: (value) => value <= 1.3,
      })),
    };
  }
}

interface PageLoad {
  data: History;
  lengths: readonly number[];
  place: Place;
  count: number;
}

const warmUpTurns = 20;

async function measurePages(
  { pid }: DatabaseSource,
  { environment, open }: FreshDatabase,
  { data, lengths, place, count }: PageLoad,
): Promise<Sample> {
  const faults: string[] = [];
  const metrics: Record<string, number> = {};
  const parts = (pid === undefined ? {} : { database: pid }) as { database: number };
  const marks: string[] = [];

  /** Reads pages of all lengths in turn, so that whatever else the machine does meets them alike. */
  async function measure(kind: string, read: (chatId: string, length: number) => Promise<number[]>) {
    const times = new Map<number, number[]>(lengths.map((length) => [length, []]));
    for (let turn = -warmUpTurns; turn < count; turn++) {
      for (const length of lengths) {
        const startedAt = performance.now();
        const seqs = await read(data.chats.get(length) ?? "", length);
        if (turn >= 0) times.get(length)?.push(performance.now() - startedAt);
        const isDense = seqs.every((seq, at) => at === 0 || seq === (seqs[at - 1] ?? 0) + 1);
        if (seqs.length !== pageSize || !isDense) faults.push(`a page of ${seqs.length}, or one with a hole`);
      }
    }
    for (const [length, list] of times) metrics[`${kind} p50 ms, ${label(length)}`] = quantile(list, 0.5);
    for (const [length, list] of times) metrics[`${kind} p95 ms, ${label(length)}`] = quantile(list, 0.95);
  }

  {
    await using database = await open();
    const stop = startMeter(parts, { maxGeneratorShare: Infinity });
    await measure("statement", async (chatId, length) => {
      const page = await readPage(database, chatId, data.userId, place.range(length));
      return (page ?? []).map((message) => message.seq);
    });
    marks.push(...stop().marks);
  }
  await using server = await startServer(environment);
  const stop = startMeter({ ...parts, server: server.pid }, { maxGeneratorShare: Infinity });
  const headers = { authorization: `Bearer ${data.token}` };
  await measure("request", async (chatId, length) => {
    const url = `${server.url}/messages/history/${chatId}?limit=${pageSize}&${place.query(length)}`;
    const page = (await (await fetch(url, { headers })).json()) as { seq: number }[];
    return page.map((message) => message.seq);
  });
  marks.push(...stop().marks);
  return { metrics, marks, faults: faults.slice(0, 5) };
}
